#include "front_door.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/config/report.hpp>

namespace gatehouse::program {
namespace {

std::vector<endpoint> endpoints_of(const gateway_config& c) {
  std::vector<endpoint> out;
  for (const std::string& text : c.listen) {
    if (const auto parsed = endpoint::parse(text)) out.push_back(*parsed);
  }
  return out;
}

std::vector<ip_range> trusted_ranges(const gateway_config& c) {
  std::vector<ip_range> out;
  for (const std::string& text : c.client_ip.trusted_proxies) {
    if (const auto parsed = ip_range::parse(text)) out.push_back(*parsed);
  }
  return out;
}

}  // namespace

front_door::front_door(const gateway_config& config)
    : config_(config),
      in_container_(in_container()),
      log_file_(config.log.file),
      log_options_(log_options_for(config.log, log_file_.descriptor())),
      log_(log_options_),
      exchanges_(log_),
      upstream_(log_, log_options_.style) {
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

  server_ = std::make_unique<server>(server_options{.listen = endpoints_of(config_),
                                                    .limits = config_.limits,
                                                    .threads = config_.threads,
                                                    .log = &exchanges_,
                                                    .uncapped = trusted_ranges(config_)},
                                     *std::move(routes));
  auto opened = server_->open();
  return opened ? config_errors{} : opened.error();
}

config_errors front_door::reload(const gateway_config& config) {
  auto routes = gateway_routes::make(config, states_, around());
  if (!routes) return routes.error();
  server_->serve(*std::move(routes), config.limits);
  return {};
}

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
  for (const endpoint& e : server_->listening()) out.push_back("http://" + e.to_string());
  return out;
}

void front_door::run() {
  server_->run();
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
