#include "side_listener.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include <gatehouse/net/endpoint.hpp>

namespace gatehouse::program {
namespace {

// A scraper, a few probes and an operator's browser: more is a mistake of somebody, and must not take descriptors from
// the front door.
constexpr std::uint32_t max_connections = 256;
constexpr std::uint32_t max_connections_per_client = 64;
constexpr std::uint64_t max_body = 64 * std::uint64_t{1024};
constexpr milliseconds stop_within{1'000};
// What a handler does on the pool is bounded by itself; this only keeps the order of the ends.
constexpr milliseconds blocking_within = std::chrono::hours{1};

constexpr std::string_view unix_prefix = "unix:";

limits own_limits() {
  limits l;
  l.body_bytes = max_body;
  l.shutdown_timeout = stop_within;
  l.connections = max_connections;
  l.connections_per_client = max_connections_per_client;
  return l;
}

}  // namespace

side_listener::side_listener(std::string key, app api, const limits* own)
    : key_(std::move(key)), api_(std::move(api)), limits_(own != nullptr ? *own : own_limits()) {}

side_listener::~side_listener() { stop(); }

config_errors side_listener::open(const std::vector<std::string>& listen) {
  std::vector<endpoint> at;
  for (const std::string& text : listen) {
    if (text.starts_with(unix_prefix)) {
      paths_.push_back(text.substr(unix_prefix.size()));
    } else if (const auto parsed = endpoint::parse(text)) {  // others: reported when they were judged
      at.push_back(*parsed);
    }
  }
  auto routes = api_.make_dispatcher(limits_);
  if (!routes) return routes.error();
  server_ = std::make_unique<server>(
      server_options{
          .listen = std::move(at), .listen_local = paths_, .limits = limits_, .threads = 1, .handle_signals = false},
      *std::move(routes));
  auto opened = server_->open();
  if (opened) return {};
  server_.reset();
  paths_.clear();
  config_errors errors = opened.error();
  for (config_error& e : errors) {
    e.key = key_;
    e.message = key_ + ": " + e.message;
  }
  return errors;
}

std::vector<std::string> side_listener::addresses() const {
  std::vector<std::string> out;
  if (server_ == nullptr) return out;
  for (const endpoint& e : server_->listening()) out.push_back("http://" + e.to_string());
  for (const std::string& path : paths_) out.push_back(std::string{unix_prefix} + path);
  return out;
}

void side_listener::start() {
  thread_ = std::thread([this] { server_->run(); });
}

void side_listener::stop() noexcept {
  if (!thread_.joinable()) return;
  server_->stop();
  thread_.join();
  (void)api_.finish_blocking(blocking_within);
}

}  // namespace gatehouse::program
