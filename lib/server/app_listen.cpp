// app::listen: from what was registered to a server that runs, and back.
#include <fcntl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/net/development_certificate.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/server.hpp>

#include "app_core.hpp"
#include "error_report.hpp"

namespace gatehouse {
namespace {

using detail::server::app_core;
constexpr int failed_to_serve = 1;
constexpr int not_started = 2;
constexpr milliseconds blocking_grace{5'000};  // for what still runs on the pool when everything else has stopped

void check_range(std::string_view key, std::uint64_t value, std::uint64_t min, std::uint64_t max,
                 config_errors& errors) {
  if (value >= min && value <= max) return;
  errors.push_back({.key = std::string{key},
                    .value = std::to_string(value),
                    .code = "out-of-range",
                    .message = "this is not between " + std::to_string(min) + " and " + std::to_string(max),
                    .suggestion = {}});
}

// first_day.md: what others reach is HTTPS, here or at a proxy that is named, unless somebody says otherwise.
void check_address(const listen_options& o, bool behind_proxy, std::optional<ip_address> address,
                   config_errors& errors) {
  if (!address) {
    errors.push_back({.key = "listen.address",
                      .value = o.address,
                      .code = "not-an-address",
                      .message = "this is not a numeric address",
                      .suggestion = "\"127.0.0.1\" for this machine, \"0.0.0.0\" or \"::\" for everybody"});
  } else if (!address->is_loopback() && !o.tls && !o.insecure_plain_http && !behind_proxy) {
    errors.push_back(
        {.key = "listen.address",
         .value = o.address,
         .code = "plain-http-in-public",
         .message = "others reach this address, and nothing encrypts what they send",
         .suggestion =
             ".tls = gh::tls::files(certificate, key), app.trusted_proxies({...}) of the proxy that ends TLS, or "
             ".insecure_plain_http = true"});
  }
}

/// What went wrong is for whoever develops on this machine.
void check_details(bool shown, const ip_address& address, config_errors& errors) {
  if (!shown || address.is_loopback()) return;
  errors.push_back({.key = "errors.dev_errors",
                    .value = "true",
                    .code = "dev-errors-off-loopback",
                    .message = "others reach " + address.to_string() + " and would read what went wrong here",
                    .suggestion = ".address = \"127.0.0.1\", or error_hygiene without .dev_errors"});
}

void check_log(const access_log_options& o, config_errors& errors) {
  if (::fcntl(o.descriptor, F_GETFD) == -1) {
    errors.push_back({.key = "listen.log.descriptor",
                      .value = std::to_string(o.descriptor),
                      .code = "not-open",
                      .message = "this descriptor is not open",
                      .suggestion = "2 for standard error, or what open() returned"});
  }
  check_range("listen.log.ring_bytes", o.ring_bytes, access_log_options::min_ring_bytes, std::uint64_t{1} << 30U,
              errors);
}

std::vector<ip_range> ranges_of(const std::vector<std::string>& proxies) {
  std::vector<ip_range> ranges;
  for (const std::string& text : proxies) {
    if (const auto range = ip_range::parse(text)) ranges.push_back(*range);  // wrong ones: reported by the rule
  }
  return ranges;
}

int refuse_to_start(const config_errors& errors) {
  std::fputs(detail::server::describe(errors).c_str(), stderr);
  return not_started;
}

/// Null: nothing was asked for, or it is in `errors`.
std::shared_ptr<const tls_server> make_tls(const std::optional<listen_tls>& wanted, config_errors& errors) {
  if (!wanted) return nullptr;
  tls_config files = wanted->files;
  const system_time now = std::chrono::system_clock::now();
  if (wanted->development) {
    const std::string folder = development_folder(std::getenv("XDG_DATA_HOME"), std::getenv("HOME"));
    const auto made = make_development_certificate(folder, wanted->names, now);
    if (!made) {
      errors.push_back(made.error());
      return nullptr;
    }
    files.certificate = {made->certificate};
    files.key = {made->key};
  }
  config_errors doubts;
  auto made = tls_server::make(files, now, doubts);
  if (!made) {
    errors.insert(errors.end(), made.error().begin(), made.error().end());
    return nullptr;
  }
  // It serves all the same, and somebody should know.
  for (const config_error& e : doubts) {
    std::fprintf(stderr, "gatehouse: %s: %s [%s]\n", e.value.c_str(), e.message.c_str(), e.code.c_str());
  }
  return *std::move(made);
}

/// Runs on a thread of its own: what handlers keep for each thread (a proxy's idle connections) ends with it, before
/// the loop that it belongs to.
bool run_to_end(server& s) {
  std::exception_ptr failed;
  std::thread runner([&] {
    try {
      s.run();
    } catch (...) {
      failed = std::current_exception();
    }
  });
  runner.join();
  if (!failed) return true;
  try {
    std::rethrow_exception(failed);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gatehouse: serving failed: %s\n", e.what());
  } catch (...) {
    std::fputs("gatehouse: serving failed\n", stderr);
  }
  return false;
}

/// What serves, and what has to stay as long as it does.
struct serving {
  std::shared_ptr<app_core> core{};
  std::unique_ptr<access_log> log{};
  std::unique_ptr<server> running{};
};

/// A handler on the pool that does not return can not be ended, and what it uses must not go: all of it stays until the
/// process ends.
void leave_behind(serving s) {
  if (s.log != nullptr) s.log->close();
  std::fputs("gatehouse: a gh::blocking handler did not return; it is left behind\n", stderr);
  // Never destroyed, but reachable: no leak checker takes it for lost.
  static auto* const kept = new std::vector<serving>;
  kept->push_back(std::move(s));
}

}  // namespace

listen_tls listen_tls::client_ca(std::vector<std::string> authorities, std::string demand) const {
  listen_tls out = *this;
  out.files.client_ca = std::move(authorities);
  out.files.client_certificate = std::move(demand);
  return out;
}

namespace tls {

listen_tls files(std::string certificate, std::string key) {
  return {.files = {.certificate = {std::move(certificate)}, .key = {std::move(key)}}};
}

listen_tls dev(std::vector<std::string> names) { return {.development = true, .names = std::move(names)}; }

}  // namespace tls

int app::listen(const listen_options& options) {
  core().seal();
  const auto address = ip_address::parse(options.address);
  config_errors errors;
  check_address(options, !core().trusted().empty(), address, errors);
  check_range("listen.threads", options.threads, 0, 256, errors);
  check_range("listen.blocking_threads", options.blocking_threads, 1, 1024, errors);
  if (options.log) check_log(*options.log, errors);
  const std::shared_ptr<const tls_server> secured = make_tls(options.tls, errors);
  auto service = core().make(options.limits);
  if (!service) errors.insert(errors.end(), service.error().begin(), service.error().end());
  if (service && address) check_details((*service)->shows_details(), *address, errors);
  if (!errors.empty()) return refuse_to_start(errors);

  core().context().size({.threads = options.blocking_threads, .queue = options.blocking_queue});
  serving s{.core = shared_core()};
  if (options.log) s.log = std::make_unique<access_log>(*options.log);
  s.running = std::make_unique<server>(server_options{.listen = {endpoint{.address = *address, .port = options.port}},
                                                      .tls = secured,
                                                      .limits = options.limits,
                                                      .threads = options.threads,
                                                      .log = s.log.get(),
                                                      .uncapped = ranges_of(core().trusted()),
                                                      .handle_signals = options.handle_signals},
                                       *std::move(service));
  if (const auto opened = s.running->open(); !opened) return refuse_to_start(opened.error());
  std::printf("listening on %s://%s\n", secured != nullptr ? "https" : "http",
              s.running->listening().front().to_string().c_str());
  std::fflush(stdout);

  core().running(s.running.get());
  const bool served = run_to_end(*s.running);
  core().running(nullptr);
  if (!core().context().stop_blocking(blocking_grace)) leave_behind(std::move(s));
  return served ? 0 : failed_to_serve;
}

}  // namespace gatehouse
