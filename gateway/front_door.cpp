#include "front_door.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gatehouse/config/gateway_routes.hpp>

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
      log_options_(log_options_for(config.log.format)),
      log_(log_options_),
      exchanges_(log_),
      upstream_(log_, log_options_.style) {
  // A client or a reader of our output that is gone is an error of a write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

front_door::~front_door() = default;

config_errors front_door::open() {
  auto routes = gateway_routes::make(config_, states_, around());
  if (!routes) return routes.error();

  server_ = std::make_unique<server>(server_options{.listen = endpoints_of(config_),
                                                    .limits = config_.limits,
                                                    .threads = config_.threads,
                                                    .log = &exchanges_,
                                                    .uncapped = trusted_ranges(config_),
                                                    .on_stopping = on_stopping_},
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
