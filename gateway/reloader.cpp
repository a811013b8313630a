#include "reloader.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <set>
#include <utility>

#include <gatehouse/config/catalog.hpp>

#include "settings.hpp"

namespace gatehouse::program {
namespace {

// What is written to the eventfd adds up: each wish has bits of its own.
constexpr std::uint64_t wake_for_reload = 1;
constexpr std::uint64_t wake_for_log = std::uint64_t{1} << 16;
constexpr std::uint64_t wake_to_end = std::uint64_t{1} << 32;
// Editors and deployments write several files, one after the other.
constexpr int quiet_ms = 100;
constexpr int at_most_waits = 20;

std::atomic<int> signal_descriptor{-1};

/// Only what a signal handler may do.
void on_signal(int number) {
  const int kept = errno;
  const int fd = signal_descriptor.load();
  const std::uint64_t& wish = number == SIGHUP ? wake_for_reload : wake_for_log;
  if (fd != -1) [[maybe_unused]]
    const auto ignored = ::write(fd, &wish, sizeof wish);
  errno = kept;
}

void drain(int fd) noexcept {
  std::array<char, 4096> events;
  while (::read(fd, events.data(), events.size()) > 0) {
  }
}

std::string folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

std::vector<std::string> keys_that_need_a_restart(const gateway_config& running, const gateway_config& next) {
  std::vector<std::string> out;
  for (const catalog_entry& e : config_catalog()) {
    if (e.needs_restart && value_text(e, running) != value_text(e, next)) out.emplace_back(e.key);
  }
  if (running.tls.is_on() != next.tls.is_on()) out.emplace_back("tls");
  return out;
}

reloader::reloader(front_door& door, const service_manager& manager, run_options options, loaded_config running)
    : door_(door), manager_(manager), options_(std::move(options)), running_(std::move(running)) {
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  changes_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (wake_ == -1) return;  // no descriptors: it serves what it has
  watch_folders();
  signal_descriptor.store(wake_);
  std::signal(SIGHUP, on_signal);
  std::signal(SIGUSR1, on_signal);
  thread_ = std::thread([this] { watch(); });
}

reloader::~reloader() {
  std::signal(SIGHUP, SIG_IGN);  // not the default: one that comes late must not end what is ending well
  std::signal(SIGUSR1, SIG_IGN);
  signal_descriptor.store(-1);
  if (thread_.joinable()) {
    [[maybe_unused]] const auto ignored = ::write(wake_, &wake_to_end, sizeof wake_to_end);
    thread_.join();
  }
  if (changes_ != -1) ::close(changes_);
  if (wake_ != -1) ::close(wake_);
}

/// Folders, not files: what is replaced by a rename, or behind a link, is another file. Adding one twice changes
/// nothing.
void reloader::watch_folders() {
  if (changes_ == -1) return;
  std::set<std::string> folders;
  for (const std::string& file : running_.files) folders.insert(folder_of(file));
  for (const std::string& pattern : running_.config.include) {
    const std::string main_folder = folder_of(running_.sources.file());
    const std::string folder = folder_of(pattern);
    if (folder.find_first_of("*?[") != std::string::npos) continue;  // those of the files found are watched
    folders.insert(pattern.starts_with('/') ? folder : std::string{main_folder}.append("/").append(folder));
  }
  constexpr std::uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE;
  for (const std::string& folder : folders) (void)::inotify_add_watch(changes_, folder.c_str(), events);
}

void reloader::watch() noexcept {
  std::array<pollfd, 2> waited{
      {{.fd = wake_, .events = POLLIN, .revents = 0}, {.fd = changes_, .events = POLLIN, .revents = 0}}};
  reload(false);  // what changed between reading and watching
  while (true) {
    if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) return;
    std::uint64_t woken = 0;
    if (::read(wake_, &woken, sizeof woken) != sizeof woken) woken = 0;
    if (woken >= wake_to_end) return;
    if (woken >= wake_for_log) door_.reopen_log();
    if (woken % wake_for_log != 0) {
      reload(true);
    } else if (something_changed()) {
      reload(false);
    }
  }
}

/// Waits until a folder is quiet for a moment, so that half of a deployment is not read.
bool reloader::something_changed() noexcept {
  pollfd more{.fd = changes_, .events = POLLIN, .revents = 0};
  if (changes_ == -1 || ::poll(&more, 1, 0) <= 0) return false;
  for (int i = 0; i < at_most_waits; ++i) {
    drain(changes_);
    if (::poll(&more, 1, quiet_ms) <= 0) break;
  }
  return true;
}

void reloader::reload(bool asked_for) {
  loaded_config next = load_settings(options_);
  // Other files of the folder change, too; and what was refused is not refused again until it changes.
  if (!asked_for && (next.read_text == running_.read_text || next.read_text == failed_text_)) return;
  manager_.reloading();
  manager_.ready(take_over(std::move(next)) ? "serving; the configuration was reloaded"
                                            : "serving; a changed configuration was refused, see the log");
}

bool reloader::take_over(loaded_config next) {
  if (next.report.errors() > 0) {
    failed_text_ = next.read_text;
    refuse(next.report);
    return false;
  }
  failed_text_.reset();
  if (const config_errors errors = door_.reload(next.config); !errors.empty()) {
    for (const config_error& e : errors) next.report.error({.file = next.sources.file()}, e);
    refuse(next.report);
    return false;
  }
  say_what_needs_a_restart(next);
  for (const config_problem& p : next.report.problems) {
    door_.log().note(log_level::warning, "exit-in-use", p.what.message);
  }
  door_.count_reload(true);
  const bool same = next.read_text == running_.read_text;
  door_.log().note(log_level::info, "reloaded",
                   same ? "the configuration was read again; it is the same" : "the new configuration is in use");
  running_ = std::move(next);
  watch_folders();
  return true;
}

void reloader::refuse(const config_report& report) {
  for (const config_problem& p : report.problems) {
    if (p.how_bad == severity::error) door_.log().note(log_level::error, "reload-refused", to_text(p));
  }
  door_.count_reload(false);
  door_.log().note(log_level::error, "reload-failed", "the old configuration stays in use");
}

void reloader::say_what_needs_a_restart(const loaded_config& next) {
  std::string keys;
  for (const std::string& key : keys_that_need_a_restart(door_.started_with(), next.config)) {
    keys.append(keys.empty() ? "" : ", ").append(key);
  }
  if (keys.empty()) return;
  door_.log().note(log_level::warning, "restart-needed", "these are as they were until a restart: " + keys);
}

}  // namespace gatehouse::program
