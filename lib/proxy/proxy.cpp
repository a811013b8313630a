#include <gatehouse/proxy/proxy.hpp>

#include <memory>
#include <utility>

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
  proxy_handler(upstream_url url, proxy_options options) : settings_(std::move(url), std::move(options)) {}

  [[nodiscard]] content_need wants(const exchange&) const noexcept override {
    return {.what = content_need::kind::stream};
  }
  void handle(call& c) const noexcept override {
    loop* const on = c.on_loop();
    // The test client calls handlers without a loop: there is nothing to connect with.
    if (on == nullptr) return c.fail(reason::upstream_unreachable);
    loop_state::of(*on).take_exchange().begin(c, settings_);
  }

 private:
  settings settings_;
};

void check_positive(milliseconds value, std::string_view name, std::string_view key, config_errors& errors) {
  if (value > milliseconds{0} && value <= std::chrono::hours{24}) return;
  errors.push_back({.key = std::string{key} + "." + std::string{name},
                    .value = std::to_string(value.count()) + "ms",
                    .code = "out-of-range",
                    .message = "a deadline is more than nothing and at most a day"});
}

void check_options(const proxy_options& o, std::string_view key, config_errors& errors) {
  if (o.host != "client" && o.host != "upstream") {
    errors.push_back({.key = std::string{key} + ".host",
                      .value = o.host,
                      .code = "unknown-value",
                      .message = "the Host that the upstream sees is the client's or its own",
                      .suggestion = "client, or upstream"});
  }
  check_positive(o.connect_timeout, "connect_timeout", key, errors);
  check_positive(o.first_byte_timeout, "first_byte_timeout", key, errors);
  check_positive(o.response_idle_timeout, "response_idle_timeout", key, errors);
  if (o.keep_alive_timeout != milliseconds{0}) check_positive(o.keep_alive_timeout, "keep_alive_timeout", key, errors);
  if (o.connections == 0) {
    errors.push_back({.key = std::string{key} + ".connections",
                      .value = "0",
                      .code = "out-of-range",
                      .message = "without a connection nothing can be forwarded"});
  }
}

}  // namespace

settings::settings(upstream_url u, proxy_options o)
    : url(std::move(u)),
      address(url.address()),
      authority(url.authority()),
      own_host(o.host == "upstream"),
      options(std::move(o)),
      id(next_id()) {}

}  // namespace detail::proxy

pending_handler proxy(std::string_view url, proxy_options options, std::string_view key) {
  using namespace detail::proxy;
  return pending_handler{
      [url = std::string{url}, options = std::move(options), key = std::string{key}]() -> pending_handler::made {
        auto parsed = upstream_url::parse(url, key);
        config_errors errors;
        if (!parsed) errors = parsed.error();
        check_options(options, key, errors);
        if (!errors.empty()) return failure{std::move(errors)};
        return std::shared_ptr<const handler>{std::make_shared<proxy_handler>(std::move(parsed).value(), options)};
      }};
}

void close_idle_upstreams(const loop& l) noexcept { detail::proxy::loop_state::close_idle(l); }

}  // namespace gatehouse
