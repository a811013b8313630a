#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include <fmt/format.h>

#include "commands.hpp"
#include "demo_api.hpp"
#include "demo_probes.hpp"
#include "front_door.hpp"
#include "secure_probe.hpp"
#include "settings.hpp"

namespace gatehouse::program {
namespace {

/// How the guarded door is asked. Null: with --dev-tls, and its own authority cannot be read.
ask_one guarded_by(const loaded_config& settings, const std::string& address, const std::string& authority) {
  const endpoint at = *endpoint::parse(address.substr(address.find("//") + 2));
  if (!settings.config.tls.is_on()) {
    return [at](std::string_view request, milliseconds patience) { return ask(at, request, patience); };
  }
  config_errors doubts;
  const auto made = tls_client::make({.ca = {authority}}, "tls", std::chrono::system_clock::now(), doubts);
  if (!made) return nullptr;
  return [at, with = *made](std::string_view request, milliseconds patience) {
    return ask_over_tls(at, with, request, patience);
  };
}

loaded_config demo_settings(const demo_options& options, const std::string& upstream, std::string& authority) {
  loaded_config out = default_config("gatehouse demo");
  out.config.upstream = {"http://" + upstream};
  out.config.listen = {options.listen};
  out.sources.replace("listen", {.file = "--listen"});
  out.config.cors = cors_config{.origins = {"http://localhost:3000"}};
  if (options.dev_tls) authority = use_development_tls(out);
  out.config.limits.head_timeout = milliseconds{1'000};  // so that the row about slow heads takes a second, not ten
  judge_config(out);
  return out;
}

/// The wanted port, or any free one when nobody insisted.
std::unique_ptr<front_door> open_door(loaded_config& settings, const demo_options& options) {
  auto door = std::make_unique<front_door>(settings.config);
  config_errors errors = door->open();
  if (!errors.empty() && !options.listen_given) {
    settings.config.listen = {"127.0.0.1:0"};
    door = std::make_unique<front_door>(settings.config);
    errors = door->open();
  }
  for (const config_error& e : errors) fmt::print(stderr, "gatehouse: {}\n", e.message);
  return errors.empty() ? std::move(door) : nullptr;
}

std::string what_to_try(std::string_view bare, std::string_view guarded) {
  return fmt::format(
      "\n  try it yourself, with and without:\n\n"
      "    curl -i {0}/notes                        curl -i {1}/notes\n"
      "    curl -i {0}/notes/abc                    curl -i {1}/notes/abc\n"
      "    curl -i --path-as-is {0}/files/../secrets.env\n"
      "    curl -i --path-as-is {1}/files/../secrets.env\n"
      "    curl -i -H 'Host: evil.example' {1}/password-reset\n\n"
      "  before your own API:  gatehouse run --to http://localhost:5000 --allow-origin http://localhost:3000\n"
      "  Ctrl-C ends both. Requests and refusals appear below.\n\n",
      fmt::format("http://{}", bare), guarded);
}

}  // namespace

int demo(const demo_options& options) {
  demo_api api;  // first: it forks, and the door has threads
  if (const auto failed = api.start()) {
    fmt::print(stderr, "gatehouse: {}\n", *failed);
    return exit_failed;
  }
  std::string authority;
  loaded_config settings = demo_settings(options, api.address(), authority);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);
  const auto door = open_door(settings, options);
  if (door == nullptr) return exit_failed;

  const std::string guarded = door->addresses().front();
  const ask_one ask_guarded = guarded_by(settings, guarded, authority);
  if (ask_guarded == nullptr) {
    fmt::print(stderr, "gatehouse: cannot read {}\n", authority);
    return exit_failed;
  }
  const ask_one ask_bare = [at = *endpoint::parse(api.address())](std::string_view request, milliseconds patience) {
    return ask(at, request, patience);
  };
  fmt::print("A bare notes API on http://{} and Gatehouse before it. The same requests to both:\n\n", api.address());
  fmt::print("listening on {}\n\n", guarded);
  std::fflush(stdout);

  std::atomic<bool> all_shown{false};
  std::atomic<bool> stopped{false};
  door->quiet(true);  // the probes' lines would tear the table apart
  std::thread prober([&] {
    const auto results = run_probes(ask_bare, ask_guarded, stopped);
    if (stopped) return;  // a table made while the door closes would call that a failure
    all_shown = std::ranges::all_of(results, &probe_result::shown);
    fmt::print("{}", probe_table(results));
    const std::string trusting = authority.empty() ? guarded : "--cacert " + authority + ' ' + guarded;
    if (!options.once) fmt::print("{}", what_to_try(api.address(), trusting));
    std::fflush(stdout);
    door->quiet(false);
    if (options.once) door->stop();
  });
  door->run();
  stopped = true;
  prober.join();
  return options.once && !all_shown ? exit_failed : exit_ok;
}

}  // namespace gatehouse::program
