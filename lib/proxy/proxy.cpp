#include <gatehouse/proxy/proxy.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <gatehouse/http/target.hpp>
#include <gatehouse/proxy/service.hpp>

#include "health_checker.hpp"
#include "loop_state.hpp"
#include "proxy_exchange.hpp"
#include "settings.hpp"

namespace gatehouse {
namespace detail::proxy {
namespace {

std::uint64_t next_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

class proxy_handler final : public handler {
 public:
  /// `owned`: attach and detach are the service's, too.
  proxy_handler(std::shared_ptr<const settings> to, std::string strip_prefix, bool owned)
      : forwarding_{.to = std::move(to), .strip_prefix = std::move(strip_prefix)}, owned_(owned) {}

  [[nodiscard]] content_need wants(const exchange&) const noexcept override {
    return {.what = content_need::kind::stream};
  }
  void handle(call& c) const noexcept override {
    loop* const on = c.on_loop();
    // The test client calls handlers without a loop: there is nothing to connect with.
    if (on == nullptr) return c.fail(reason::upstream_unreachable);
    loop_state::of(*on).take_exchange().begin(c, forwarding_);
  }
  void attach(loop& l) const noexcept override {
    if (owned_) forwarding_.to->attach(l);
  }
  void detach(loop& l) const noexcept override {
    if (owned_) forwarding_.to->detach(l);
  }

 private:
  forwarding forwarding_;
  bool owned_;
};

class option_check {
 public:
  option_check(std::string_view key, config_errors& errors) : key_(key), errors_(&errors) {}

  void refuse(std::string_view name, std::string value, std::string_view code, std::string_view message,
              std::string_view suggestion = {}) const {
    errors_->push_back({.key = key_ + "." + std::string{name},
                        .value = std::move(value),
                        .code = std::string{code},
                        .message = std::string{message},
                        .suggestion = std::string{suggestion}});
  }
  void deadline(milliseconds value, std::string_view name) const {
    if (value > milliseconds{0} && value <= std::chrono::hours{24}) return;
    refuse(name, std::to_string(value.count()) + "ms", "out-of-range",
           "a deadline is more than nothing and at most a day");
  }
  void count(std::uint32_t value, std::string_view name, std::string_view message) const {
    if (value == 0) refuse(name, "0", "out-of-range", message);
  }

 private:
  std::string key_;
  config_errors* errors_;
};

void check_health(const proxy_options& o, const option_check& check) {
  check.deadline(o.passive_health.out_for, "passive_health.out_for");
  check.deadline(o.passive_health.out_at_most, "passive_health.out_at_most");
  if (o.passive_health.out_at_most < o.passive_health.out_for) {
    check.refuse("passive_health.out_at_most", std::to_string(o.passive_health.out_at_most.count()) + "ms",
                 "out-of-range", "an upstream can not be out for less at most than it is the first time (out_for)");
  }
  const active_health_options& active = o.active_health;
  if (!active.path.empty() && !origin_form::parse(active.path)) {
    check.refuse("active_health.path", active.path, "invalid-path",
                 "what is asked for is a path, with or without a query", "/health");
  }
  check.deadline(active.interval, "active_health.interval");
  check.deadline(active.timeout, "active_health.timeout");
  check.count(active.unhealthy, "active_health.unhealthy", "an upstream is out after at least one bad answer");
  check.count(active.healthy, "active_health.healthy", "an upstream comes back after at least one good answer");
}

void check_options(const proxy_options& o, std::string_view key, config_errors& errors) {
  const option_check check{key, errors};
  if (o.host != "client" && o.host != "upstream") {
    check.refuse("host", o.host, "unknown-value", "the Host that the upstream sees is the client's or its own",
                 "client, or upstream");
  }
  if (o.balance != "round-robin" && o.balance != "least-loaded") {
    check.refuse("balance", o.balance, "unknown-value", "requests go to the upstreams in turn, or to the least loaded",
                 "round-robin, or least-loaded");
  }
  if (!client_certificate_fields_of(o.client_certificate)) {
    check.refuse("client_certificate", o.client_certificate, "unknown-value",
                 "of clients' certificates the upstream learns nothing, what was verified here, or what proxies send",
                 "strip, send, or pass");
  }
  if (!method_override_fields_of(o.method_override)) {
    check.refuse("method_override", o.method_override, "unknown-value",
                 "fields that name another method than the request line are removed, or passed", "strip, or pass");
  }
  check.deadline(o.connect_timeout, "connect_timeout");
  check.deadline(o.first_byte_timeout, "first_byte_timeout");
  check.deadline(o.response_idle_timeout, "response_idle_timeout");
  if (o.keep_alive_timeout != milliseconds{0}) check.deadline(o.keep_alive_timeout, "keep_alive_timeout");
  check.count(o.connections, "connections", "without a connection nothing can be forwarded");
  check_health(o, check);
}

/// What the upstreams' URLs and [tls] say together. Null: without TLS, or something is wrong with it.
std::shared_ptr<const tls_client> tls_of(const std::vector<upstream>& all, const tls_client_config& c,
                                         std::string_view key, std::string_view urls_key, config_errors& errors) {
  const auto secured = std::ranges::count_if(all, [](const upstream& u) { return u.url.tls; });
  const option_check check{key, errors};
  // CHOICE: not mixed. Which of the two a request takes would be a matter of chance.
  if (secured != 0 && secured != std::ranges::ssize(all)) {
    errors.push_back({.key = std::string{urls_key},
                      .value = {},
                      .code = "mixed-schemes",
                      .message = "upstreams of one service are either all https:// or none of them is: else it is a "
                                 "matter of chance whether a request is protected",
                      .suggestion = {}});
  }
  if (secured == 0 && !all.empty()) {
    if (c.is_set()) {
      check.refuse("tls", {}, "tls-without-https", "this is for https:// upstreams, and none of these is one");
    }
    return nullptr;
  }
  // Where no URL is valid nobody knows; what is written is judged all the same.
  if (secured == 0 && !c.is_set()) return nullptr;
  config_errors doubts;  // said by whoever judges a configuration
  auto made = tls_client::make(c, std::string{key} + ".tls", std::chrono::system_clock::now(), doubts);
  if (made) return *std::move(made);
  errors.insert(errors.end(), made.error().begin(), made.error().end());
  return nullptr;
}

/// "/legacy": a path that requests can have, without a slash at its end.
void check_prefix(const std::string& prefix, std::string_view key, config_errors& errors) {
  if (prefix.empty() || (prefix.size() > 1 && !prefix.ends_with('/') && prefix.find('?') == std::string::npos &&
                         origin_form::parse(prefix))) {
    return;
  }
  option_check{key, errors}.refuse("strip_prefix", prefix, "invalid-prefix",
                                   "a prefix begins with a slash and ends with a whole segment", "/legacy");
}

std::shared_ptr<upstream_health> health_of(const std::string& address, std::string_view key, state_registry* states) {
  const auto make = [] { return std::make_shared<upstream_health>(); };
  return states == nullptr ? make() : states->get<upstream_health>(std::string{key} + ' ' + address, make);
}

std::shared_ptr<upstream_counts> counts_of(const std::string& address, std::string_view key, state_registry* states) {
  const auto make = [] { return std::make_shared<upstream_counts>(); };
  return states == nullptr ? make() : states->get<upstream_counts>(std::string{key} + ' ' + address, make);
}

/// The valid ones of `urls`; the rest is in `errors`, each with its index when there are several.
std::vector<upstream> parse_upstreams(std::span<const std::string> urls, std::string_view key,
                                      std::string_view urls_key, bool counted, state_registry* states,
                                      config_errors& errors) {
  std::vector<upstream> out;
  if (urls.empty() || urls.size() > max_upstreams) {
    errors.push_back({.key = std::string{urls_key},
                      .value = std::to_string(urls.size()),
                      .code = "out-of-range",
                      .message = "a service has 1 to " + std::to_string(max_upstreams) + " upstreams",
                      .suggestion = {}});
    return out;
  }
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const std::string place = std::string{urls_key} + '[' + std::to_string(i) + ']';
    auto parsed = upstream_url::parse(urls[i], urls.size() == 1 ? urls_key : std::string_view{place});
    if (!parsed) {
      errors.insert(errors.end(), parsed.error().begin(), parsed.error().end());
      continue;
    }
    if (std::ranges::any_of(out, [&](const upstream& u) { return u.url == *parsed; })) {
      errors.push_back({.key = place,
                        .value = urls[i],
                        .code = "duplicate",
                        .message = "this is in the list twice",
                        .suggestion = {}});
      continue;
    }
    std::string address = parsed->address();
    auto health = health_of(address, key, states);
    auto counts = counted ? counts_of(address, key, states) : nullptr;
    out.push_back({.url = *parsed,
                   .address = std::move(address),
                   .authority = parsed->authority(),
                   .health = std::move(health),
                   .counts = std::move(counts)});
  }
  return out;
}

pending_handler pending_proxy(std::vector<std::string> urls, proxy_options options, std::string key) {
  return pending_handler{
      [urls = std::move(urls), options = std::move(options), key = std::move(key)]() -> pending_handler::made {
        auto made = service::make(urls, options, key, key);
        config_errors errors;
        if (!made) errors = made.error();
        check_prefix(options.strip_prefix, key, errors);
        if (!errors.empty()) return failure{std::move(errors)};
        return std::shared_ptr<const handler>{std::make_shared<proxy_handler>(
            std::static_pointer_cast<const settings>(*made), options.strip_prefix, true)};
      }};
}

}  // namespace

settings::settings(std::vector<upstream> to, proxy_options o)
    : all(std::move(to)),
      own_host(o.host == "upstream"),
      wanted{
          .certificates = client_certificate_fields_of(o.client_certificate).value_or(client_certificate_fields::strip),
          .method_override = method_override_fields_of(o.method_override).value_or(method_override_fields::strip)},
      least_loaded(o.balance == "least-loaded"),
      options(std::move(o)),
      id(next_id()) {
  // CHOICE: with one upstream there is nothing to go to instead: a request that fails costs less than one that is
  // refused although it would have passed. Asking (active_health) still takes it out.
  if (all.size() == 1) options.passive_health.failures = 0;
}

settings::~settings() = default;

void settings::attach(loop& l) const noexcept {
  if (options.active_health.path.empty()) return;
  const std::scoped_lock lock(mutex_);
  attached_.push_back(&l);
  if (attached_.size() == 1) checker_ = std::make_unique<health_checker>(l, *this);
}

void settings::detach(loop& l) const noexcept {
  if (options.active_health.path.empty()) return;
  const std::scoped_lock lock(mutex_);
  const auto at = std::ranges::find(attached_, &l);
  if (at == attached_.end()) return;
  const bool asked = at == attached_.begin();
  attached_.erase(at);
  if (!asked) return;
  checker_.reset();  // on its own loop
  if (attached_.empty()) return;
  // Another loop goes on. It may end, too, before it comes to this; then it is not attached any more.
  loop* const next = attached_.front();
  next->post([self = shared_from_this(), next] {
    const std::scoped_lock again(self->mutex_);
    const bool still = !self->attached_.empty() && self->attached_.front() == next && self->checker_ == nullptr;
    if (still) self->checker_ = std::make_unique<health_checker>(*next, *self);
  });
}

std::vector<upstream_status> settings::upstreams() const {
  std::vector<upstream_status> out;
  out.reserve(all.size());
  for (const upstream& u : all) {
    const upstream_counts::sums n = u.counts == nullptr ? upstream_counts::sums{} : u.counts->all();
    out.push_back({.address = u.address,
                   .in_use = u.health->in_use(),
                   .down = u.health->is_down(),
                   .requests = n.requests,
                   .failures = n.failures,
                   .connections_open = n.open,
                   .connections_idle = n.idle});
  }
  return out;
}

void report_health(const settings& s, const upstream& u, bool in_use) noexcept {
  if (s.options.events == nullptr) return;
  const std::string text = in_use ? u.address + " is in use again"
                                  : u.address + " is out of use: it gives no valid answers";
  s.options.events->on_health_changed(u.address, in_use, text);
}

}  // namespace detail::proxy

result<std::shared_ptr<const service>, config_errors> service::make(std::span<const std::string> urls,
                                                                    proxy_options options, std::string_view key,
                                                                    std::string_view urls_key, state_registry* states) {
  using namespace detail::proxy;
  config_errors errors;
  std::vector<upstream> all = parse_upstreams(urls, key, urls_key, options.counted, states, errors);
  check_options(options, key, errors);
  const auto tls = tls_of(all, options.tls, key, urls_key, errors);
  for (upstream& u : all) u.tls = tls;
  if (!errors.empty()) return failure{std::move(errors)};
  return std::shared_ptr<const service>{std::make_shared<settings>(std::move(all), std::move(options))};
}

std::shared_ptr<const handler> forward_to(std::shared_ptr<const service> to, std::string strip_prefix) {
  using namespace detail::proxy;
  // There is no other kind of service.
  return std::make_shared<proxy_handler>(std::static_pointer_cast<const settings>(std::move(to)),
                                         std::move(strip_prefix), false);
}

pending_handler proxy(std::string_view url, proxy_options options, std::string_view key) {
  return detail::proxy::pending_proxy({std::string{url}}, std::move(options), std::string{key});
}

pending_handler proxy(std::initializer_list<std::string_view> urls, proxy_options options, std::string_view key) {
  return detail::proxy::pending_proxy({urls.begin(), urls.end()}, std::move(options), std::string{key});
}

void close_idle_upstreams(const loop& l) noexcept { detail::proxy::loop_state::close_idle(l); }

}  // namespace gatehouse
