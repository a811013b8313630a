#include "front_door.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <variant>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/config/policy_text.hpp>
#include <gatehouse/config/report.hpp>

#include "https_redirect.hpp"
#include "process_metrics.hpp"
#include "telemetry.hpp"

namespace gatehouse::program {
namespace {

// A loop that does nothing but its work comes to it in microseconds; a probe that asks waits a second or more.
constexpr milliseconds loop_patience{1'000};
// They stay for one answer; the front door's own need the descriptors.
constexpr std::uint32_t max_redirected_connections = 1'024;

std::vector<endpoint> endpoints_of(const gateway_config& c) {
  std::vector<endpoint> out;
  for (const std::string& text : c.listen) {
    if (const auto parsed = endpoint::parse(text)) out.push_back(*parsed);
  }
  return out;
}

/// `next` as it is in effect in a process that was started with `first`.
gateway_config as_taken_over(const gateway_config& next, gateway_config first) {
  gateway_config out = next;
  for (const catalog_entry& e : config_catalog()) {
    if (!e.needs_restart || kind_of_section(section_of(e.key)) != section_kind::once) continue;
    std::visit([&](auto* member) { member(out) = member(first); }, e.member);
  }
  if (out.tls.is_on() != first.tls.is_on()) out.tls = first.tls;
  return out;
}

std::vector<ip_range> trusted_ranges(const gateway_config& c) {
  std::vector<ip_range> out;
  for (const std::string& text : c.client_ip.trusted_proxies) {
    if (const auto parsed = ip_range::parse(text)) out.push_back(*parsed);
  }
  return out;
}

std::int64_t now_in_seconds() noexcept {
  return std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void collect_own(std::uint64_t dropped_lines, const reload_counts& reloads, std::vector<metric_family>& out) {
  using kind = metric_family::kind;
  const auto number = [](auto n) { return static_cast<double>(n); };
  out.push_back({.name = "gatehouse_log_lines_dropped_total",
                 .help = "Lines that whoever reads the log was too slow for.",
                 .samples = {{.value = number(dropped_lines)}}});
  out.push_back({.name = "gatehouse_config_reloads_total",
                 .help = "Changed configurations that were taken over, and that were refused.",
                 .samples = {{.labels = {{"result", "ok"}}, .value = number(reloads.taken_over.load())},
                             {.labels = {{"result", "failed"}}, .value = number(reloads.failed.load())}}});
  out.push_back({.name = "gatehouse_config_last_reload_successful",
                 .help = "1: the configuration in use is the last one that there was; 0: that one was refused.",
                 .what = kind::gauge,
                 .samples = {{.value = reloads.last_failed.load() ? 0.0 : 1.0}}});
  out.push_back({.name = "gatehouse_config_last_success_timestamp_seconds",
                 .help = "When the configuration in use was taken over, in seconds since 1970.",
                 .what = kind::gauge,
                 .samples = {{.value = number(reloads.last_success.load())}}});
  out.push_back({.name = "gatehouse_build_info",
                 .help = "1, with the version.",
                 .what = kind::gauge,
                 .samples = {{.labels = {{"version", GATEHOUSE_VERSION}}, .value = 1}}});
}

}  // namespace

front_door::front_door(const gateway_config& config)
    : config_(config),
      in_container_(in_container()),
      log_file_(config.log.file),
      log_options_(log_options_for(config.log, log_file_.descriptor())),
      log_(log_options_),
      exchanges_(log_, decisions_),
      upstream_(log_, log_options_.style),
      numbers_(config.telemetry.listen.empty() ? nullptr : std::make_shared<route_numbers>()),
      in_use_(config) {
  // A client or a reader of our output that is gone is an error of a write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

front_door::~front_door() = default;

config_errors front_door::open() {
  if (!log_file_.problem().empty()) {
    return {{.key = "log.file",
             .value = log_file_.path(),
             .code = "cannot-open",
             .message = "log.file " + in_quotes(log_file_.path()) + ": " + log_file_.problem()}};
  }
  auto routes = gateway_routes::make(config_, states_, around());
  if (!routes) return routes.error();
  auto tls = make_tls(config_);
  if (!tls) return tls.error();

  server_ = std::make_unique<server>(server_options{.listen = endpoints_of(config_),
                                                    .tls = *tls,
                                                    .limits = config_.limits,
                                                    .threads = config_.threads,
                                                    .log = &exchanges_,
                                                    .uncapped = trusted_ranges(config_),
                                                    .counted = numbers_,
                                                    .on_stopping = on_stopping_},
                                     *routes);
  serves(*std::move(routes));
  tls_ = *tls;
  auto opened = server_->open();
  config_errors errors = opened ? config_errors{} : opened.error();
  if (errors.empty()) errors = open_redirect();
  for (config_error& e : open_telemetry()) errors.push_back(std::move(e));
  reloads_.last_success = now_in_seconds();
  return errors;
}

result<std::shared_ptr<const tls_server>, config_errors> front_door::make_tls(const gateway_config& config) {
  if (!config.tls.is_on()) return std::shared_ptr<const tls_server>{};
  config_errors doubts;  // said when it was judged
  return tls_server::make(config.tls, std::chrono::system_clock::now(), doubts, tickets_);
}

// As the rules judge a Host; and besides, a certificate has to be for it: else a browser that is sent there only gets a
// warning.
bool front_door::answers_for(const authority& asked) const {
  const std::scoped_lock lock(in_use_mutex_);
  const auto is_this = [&asked](const std::string& text) {
    const auto listed = authority::parse(text);
    return listed && same_host(*listed, asked);
  };
  const auto& hosts = in_use_.host_check.hosts;
  const bool by_route = std::ranges::any_of(
      in_use_.routes, [&](const route_config& r) { return std::ranges::any_of(r.host, is_this); });
  if (!hosts.empty() && !by_route && std::ranges::none_of(hosts, is_this)) return false;
  return tls_ != nullptr && (asked.address ? tls_->covers(*asked.address) : tls_->covers(asked.host));
}

config_errors front_door::open_redirect() {
  if (config_.redirect_from.empty() || tls_ == nullptr) return {};
  limits own = config_.limits;
  own.body_bytes = 0;  // what was sent in plain text is nobody's business here
  own.connections = max_redirected_connections;
  std::vector<std::string> names = config_.host_check.hosts;
  for (const tls_server::certificate& c : tls_->certificates()) {
    names.insert(names.end(), c.names.exact().begin(), c.names.exact().end());
  }
  redirect_ = std::make_unique<side_listener>(
      "tls.redirect_from",
      https_redirect({.answers_for = [this](const authority& asked) { return answers_for(asked); },
                      .also_on_loopback = std::move(names),
                      .https_port = port()}),
      &own);
  return redirect_->open(config_.redirect_from);
}

config_errors front_door::open_telemetry() {
  if (config_.telemetry.listen.empty()) return {};
  telemetry_ = std::make_unique<side_listener>(
      "telemetry.listen", telemetry_api({.metrics = [this] { return metrics(); },
                                         .loops_answer = [this] { return server_->loops_answer(loop_patience); },
                                         .is_accepting = [this] { return server_->is_accepting(); },
                                         .can_answer = [this] { return has_upstream(serving()->services()); }}));
  return telemetry_->open(config_.telemetry.listen);
}

config_errors front_door::reload(const gateway_config& config) {
  auto routes = gateway_routes::make(config, states_, around());
  if (!routes) return routes.error();
  // Whether there is TLS at all is a matter of the listeners, which only a restart opens anew.
  if (config_.tls.is_on() && config.tls.is_on()) {
    const auto tls = make_tls(config);
    if (!tls) return tls.error();
    server_->secure_with(*tls);
    const std::scoped_lock lock(in_use_mutex_);
    tls_ = *tls;
  }
  server_->serve(*routes, config.limits);
  serves(*std::move(routes));
  const std::scoped_lock lock(in_use_mutex_);
  in_use_ = as_taken_over(config, config_);
  return {};
}

std::shared_ptr<const gateway_routes> front_door::serving() const {
  const std::scoped_lock lock(serving_mutex_);
  return serving_;
}

void front_door::serves(std::shared_ptr<const gateway_routes> routes) {
  const std::scoped_lock lock(serving_mutex_);
  serving_.swap(routes);  // what served before goes when the lock is given back
}

void front_door::count_reload(bool taken_over) noexcept {
  reloads_.last_failed = !taken_over;
  ++(taken_over ? reloads_.taken_over : reloads_.failed);
  if (taken_over) reloads_.last_success = now_in_seconds();
}

std::vector<metric_family> front_door::metrics() const {
  std::vector<metric_family> out;
  server_->collect(out);
  collect_upstreams(serving()->services(), out);
  browser_reports_.collect(out);
  collect_own(log_.dropped(), reloads_, out);
  collect_process(out);
  return out;
}

std::string front_door::policy() const {
  const std::scoped_lock lock(in_use_mutex_);
  return policy_text(in_use_);
}

std::uint16_t front_door::port() const noexcept { return server_->listening().front().port; }

void front_door::reopen_log() {
  if (log_file_.path().empty()) return;  // standard error is whoever started us, and theirs to rotate
  const std::string problem = log_file_.reopen();
  if (problem.empty()) {
    log_.note(log_level::info, "log-reopened", "the log goes on in " + log_file_.path());
  } else {
    log_.note(log_level::error, "log-not-reopened",
              "log.file " + in_quotes(log_file_.path()) + ": " + problem + "; the log stays where it was");
  }
}

std::vector<std::string> front_door::addresses() const {
  std::vector<std::string> out;
  const std::string scheme = config_.tls.is_on() ? "https://" : "http://";
  for (const endpoint& e : server_->listening()) out.push_back(scheme + e.to_string());
  return out;
}

std::vector<std::string> front_door::redirect_addresses() const {
  return redirect_ == nullptr ? std::vector<std::string>{} : redirect_->addresses();
}

std::vector<std::string> front_door::telemetry_addresses() const {
  return telemetry_ == nullptr ? std::vector<std::string>{} : telemetry_->addresses();
}

void front_door::run() {
  if (redirect_ != nullptr) redirect_->start();
  if (telemetry_ != nullptr) telemetry_->start();
  server_->run();
  if (redirect_ != nullptr) redirect_->stop();
  if (telemetry_ != nullptr) telemetry_->stop();
  log_.close();
}

void front_door::stop() noexcept { server_->stop(); }

bool in_container() {
  std::error_code ignored;
  if (std::filesystem::exists("/.dockerenv", ignored) || std::filesystem::exists("/run/.containerenv", ignored))
    return true;
  std::ifstream file("/proc/1/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(file), {}};
  return groups.find("docker") != std::string::npos || groups.find("kubepods") != std::string::npos ||
         groups.find("containerd") != std::string::npos;
}

}  // namespace gatehouse::program
