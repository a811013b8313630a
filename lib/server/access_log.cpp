#include <gatehouse/server/access_log.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/net/tls.hpp>

#include "access_log_lines.hpp"
#include "access_log_record.hpp"
#include "access_log_repeats.hpp"
#include "access_log_ring.hpp"
#include "access_log_sleeper.hpp"
#include "access_log_writer.hpp"

namespace gatehouse {

using namespace detail::server;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t max_waiting_notes = 256;
constexpr std::size_t max_note_text = 8 * 1024;  // a start-up screen, not an upstream's page
constexpr auto busy_pause = 10ms;                // between two looks at the rings while there is traffic

constexpr std::int64_t handshake_pause_us = 1'000'000;

std::atomic<std::uint64_t> logs_made{0};

std::int64_t now_us() noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Those that stop the program are for its loops; and when the reader of a pipe is gone, that is an error of a write
/// here and not the end of a process whose other pipes are fine.
void leave_signals_to_others() noexcept {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

struct access_log::implementation {
  explicit implementation(const access_log_options& o)
      : options(o), writer(o.descriptor, o.stuck_reader_timeout), repeats(o.sample_repeats) {
    if (o.style == log_style::json) {
      lines = std::make_unique<json_lines>(o.client);
    } else {
      lines = std::make_unique<terminal_lines>(o.colour, o.client);
    }
    text.reserve(2 * log_batch_bytes + max_record_bytes * 8);
    thread = std::thread([this] { run(); });
  }

  struct thread_ring {
    thread_ring(std::thread::id o, std::size_t bytes) : owner(o), ring(bytes) {}
    std::thread::id owner;
    log_ring ring;
    line_pieces pieces{};
  };

  [[nodiscard]] bool wants(const exchange& e, const outcome& o) const noexcept {
    if (options.requests != logged_requests::problems) return options.requests == logged_requests::all;
    return has_reason(e) || o.aborted || gatehouse::number(o.answered) >= 500;
  }

  /// The calling thread's own ring, made at its first record.
  thread_ring& my_ring() {
    struct cached {
      std::uint64_t log = 0;
      thread_ring* ring = nullptr;
    };
    static thread_local cached last;
    if (last.log != number) [[unlikely]] {  // no log has number 0
      last = {.log = number, .ring = &ring_of(std::this_thread::get_id())};
    }
    return *last.ring;
  }
  thread_ring& ring_of(std::thread::id owner) {
    const std::scoped_lock lock(mutex);
    auto found = std::ranges::find(rings, owner, [](const auto& r) { return r->owner; });
    if (found == rings.end()) {
      rings.push_back(
          std::make_unique<thread_ring>(owner, std::max(options.ring_bytes, access_log_options::min_ring_bytes)));
      found = std::prev(rings.end());
    }
    return **found;
  }

  void add(log_note n) {
    {
      const std::scoped_lock lock(mutex);
      if (notes.size() >= max_waiting_notes) {
        lost.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      notes.push_back(std::move(n));
      notes_waiting.store(true, std::memory_order_seq_cst);
    }
    sleep.wake();
  }

  void run() {
    leave_signals_to_others();
    while (true) {
      // Read first: what was recorded before the wish to stop is then certainly seen by the look that follows.
      const bool stop = stopping.load(std::memory_order_acquire);
      const std::uint64_t asked = flushes_asked.load(std::memory_order_acquire);
      const bool found = write_waiting(stop || asked != flushes_done);
      answer_flushes(asked);
      if (stop && !found) return;
      if (!found && !repeats.waiting()) {
        sleep.sleep_unless([this] { return anything_waiting(); });
      } else if (hurry.load(std::memory_order_relaxed) == 0) {
        // What comes meanwhile is written at once, and costs those who record it nothing.
        std::this_thread::sleep_for(busy_pause);
      }
    }
  }

  /// Sequentially consistent, as sleep_unless() wants it.
  bool anything_waiting() {
    if (stopping.load() || notes_waiting.load() || flushes_asked.load() != flushes_done) return true;
    const std::scoped_lock lock(mutex);
    return std::ranges::any_of(rings, [](const auto& r) { return !r->ring.empty(); });
  }

  /// One look at all that waits. True when there was something. `all`: also the counts whose second is not over.
  bool write_waiting(bool all) {
    bool found = write_notes();
    const std::int64_t now = now_us();
    const auto tell = [this](const log_repeats& r) { lines->append(text, r); };
    repeats.settle(now, false, tell);
    for (std::size_t i = 0;; ++i) {
      log_ring* ring = nullptr;
      {
        const std::scoped_lock lock(mutex);
        if (i >= rings.size()) break;
        ring = &rings[i]->ring;
      }
      // What comes meanwhile waits for the next look: other rings are full, too, and somebody may want a flush.
      const std::uint64_t end = ring->end();
      for (auto piece = ring->peek(end, log_batch_bytes); !piece.bytes.empty();
           piece = ring->peek(end, log_batch_bytes)) {
        take(piece, now);
        ring->release(piece);
        found = true;
      }
    }
    if (all) repeats.settle(now, true, tell);
    if (const std::uint64_t all_lost = lost.load(std::memory_order_relaxed); all_lost != lost_told) {
      lines->append(text, log_note{.at_us = now,
                                   .level = log_level::warning,
                                   .event = "log-dropped",
                                   .text = std::to_string(all_lost - lost_told) +
                                           " log lines were dropped: whoever reads the log is too slow, or the disk "
                                           "is full"});
      lost_in_text = all_lost;
    }
    write_text();
    return found;
  }

  void take(const log_ring::piece& piece, std::int64_t now) {
    if (piece.is_record) {
      if (const log_record r = unpack(piece.bytes); repeats.passes(r, now)) lines->append(text, r);
    } else if (text.empty()) {
      // OPTIMIZATION: lines go out from where they were made.
      write_out(piece.bytes, 0);
    } else {
      text.append(piece.bytes);  // a small write for each time that the two kinds take turns would cost more
    }
    if (text.size() >= log_batch_bytes) write_text();
  }

  // On the thread that has the exchange; false: no room. What has no reason becomes its line at once, which costs less
  // than to be copied for a line that another thread makes. Lines for people and of what may repeat depend on the lines
  // before them.

  [[nodiscard, gnu::always_inline]] bool put_line(const exchange& e, const outcome& o) noexcept {
    thread_ring& mine = my_ring();
    query_keys_space keys;
    const log_record r = plain_record_of(e, o, keys);
    const auto space = mine.ring.reserve_line(json_line_bound<json_line::plain>(r));
    if (space.empty()) return false;
    const char* const end = write_json_line<json_line::plain>(space.data(), r, options.client, mine.pieces);
    mine.ring.commit_line(static_cast<std::size_t>(end - space.data()));
    return true;
  }
  [[nodiscard]] bool put_record(const exchange& e, const outcome& o) noexcept {
    query_keys_space keys;
    thread_ring& mine = my_ring();
    const auto space = mine.ring.reserve_record(max_record_bytes);
    if (space.empty()) return false;
    mine.ring.commit_record(pack(record_of(e, o, keys), record_space{space.data(), max_record_bytes}));
    return true;
  }

  bool write_notes() {
    if (!notes_waiting.load(std::memory_order_acquire)) return false;
    std::deque<log_note> mine;
    {
      const std::scoped_lock lock(mutex);
      mine.swap(notes);
      lines->explained_by(explained_by);
      notes_waiting.store(false, std::memory_order_relaxed);
    }
    for (const log_note& n : mine) lines->append(text, n);
    return !mine.empty();
  }

  void write_text() {
    if (text.empty()) return;
    const bool tells_lost = lost_in_text != lost_told;
    if (write_out(text, tells_lost ? 1 : 0)) {
      lost_told = lost_in_text;
    } else {
      lost_in_text = lost_told;
    }
    text.clear();
  }

  /// Whole lines, `uncounted` of which are no loss when they get lost. False: not all was written.
  bool write_out(std::string_view what, std::int64_t uncounted) {
    if (!gone) {
      if (torn) torn = writer.write_all("\n", hurry) != 1;
      const std::size_t written = torn ? 0 : writer.write_all(what, hurry);
      const std::string_view left = what.substr(written);
      torn = torn || (written > 0 && what[written - 1] != '\n');
      if (left.empty()) return true;
      if (writer.is_file()) {
        // Tried again with the next lines: a disk gets room, and a log is rotated.
        lost.fetch_add(static_cast<std::uint64_t>(std::ranges::count(left, '\n') - uncounted),
                       std::memory_order_relaxed);
      } else {
        gone = true;  // a reader that is gone stays gone: from then on lines are only counted
      }
    }
    unread.fetch_add(1, std::memory_order_relaxed);
    return false;
  }

  void answer_flushes(std::uint64_t asked) {
    if (asked == flushes_done) return;
    {
      const std::scoped_lock lock(flush_mutex);
      flushes_done = asked;
    }
    flushed.notify_all();
  }

  access_log_options options;
  std::uint64_t number = ++logs_made;
  std::unique_ptr<line_writer> lines;
  std::mutex mutex;  // rings (the list, not their content), notes and explained_by
  std::vector<std::unique_ptr<thread_ring>> rings;
  std::deque<log_note> notes;
  std::string explained_by;
  std::atomic<bool> notes_waiting{false};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> unread{0};
  std::atomic<std::int64_t> handshakes_quiet_until_us{0};
  std::atomic<std::uint64_t> handshakes_unsaid{0};

  sleeper sleep;
  std::atomic<bool> stopping{false};
  std::atomic<int> hurry{0};  // how many wait for us: a stuck reader gets its patience then, and no more
  std::atomic<std::uint64_t> flushes_asked{0};
  std::mutex flush_mutex;
  std::condition_variable flushed;
  std::uint64_t flushes_done = 0;  // written by the log's thread only, under flush_mutex

  // The log's thread only.
  patient_writer writer;
  std::string text;
  std::uint64_t lost_told = 0;
  std::uint64_t lost_in_text = 0;  // what the text that waits tells
  bool torn = false;               // the last line was written in part
  repeat_counter repeats;
  bool gone = false;

  std::thread thread;  // last: it uses all of the above
};

access_log_options log_to_stderr() noexcept {
  return {.descriptor = STDERR_FILENO, .style = ::isatty(STDERR_FILENO) == 1 ? log_style::terminal : log_style::json};
}

access_log::access_log(const access_log_options& options) : impl_(std::make_unique<implementation>(options)) {}
access_log::~access_log() { close(); }

void access_log::record(const exchange& e, const outcome& o) noexcept {
  implementation& i = *impl_;
  if (!i.wants(e, o)) return;
  const bool at_once = i.options.style == log_style::json && !has_reason(e);
  if (at_once ? i.put_line(e, o) : i.put_record(e, o)) {
    i.sleep.wake();
  } else {
    i.lost.fetch_add(1, std::memory_order_relaxed);
  }
}

void access_log::refused_handshake(const connection_info& from, tls_failure why,
                                   std::string_view particulars) noexcept {
  const bool missing = why == tls_failure::client_certificate_missing;
  if (!missing && why != tls_failure::client_certificate_refused) return;
  implementation& i = *impl_;
  const std::int64_t now = now_us();
  std::int64_t until = i.handshakes_quiet_until_us.load(std::memory_order_relaxed);
  if (now < until || !i.handshakes_quiet_until_us.compare_exchange_strong(until, now + handshake_pause_us)) {
    i.handshakes_unsaid.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string text = "a client";
  if (i.options.client != logged_client::none) {
    text.append(" at ").append(logged_address(from.peer, i.options.client).to_string());
  }
  text.append(missing ? " has shown no certificate, which tls.client_certificate requires" : " was refused: ");
  // Whose certificate it is says as much as an address.
  if (!missing) {
    const bool whole = i.options.client == logged_client::full;
    text.append("its certificate: ").append(whole ? particulars : particulars.substr(0, particulars.find(": ")));
  }
  if (const std::uint64_t before = i.handshakes_unsaid.exchange(0); before > 0) {
    text.append(" (also ").append(std::to_string(before)).append(" handshakes before)");
  }
  note(log_level::warning, missing ? "client-certificate-missing" : "client-certificate-refused", text);
}

void access_log::note(log_level level, std::string_view event, std::string_view text, std::string_view id) noexcept {
  impl_->add({.at_us = now_us(),
              .level = level,
              .event = std::string{event},
              .text = std::string{text.substr(0, max_note_text)},
              .id = std::string{id.substr(0, max_logged_id)}});
}

void access_log::screen(std::string_view text) noexcept {
  impl_->add({.at_us = now_us(), .verbatim = true, .text = std::string{text.substr(0, max_note_text)}});
}

void access_log::explained_by(std::string_view command) noexcept {
  const std::scoped_lock lock(impl_->mutex);
  impl_->explained_by = command;
  impl_->notes_waiting.store(true, std::memory_order_seq_cst);
}

bool access_log::flush() noexcept {
  implementation& i = *impl_;
  if (!i.thread.joinable()) return !i.gone;
  const std::uint64_t mine = i.flushes_asked.fetch_add(1, std::memory_order_acq_rel) + 1;
  i.hurry.fetch_add(1);
  i.sleep.wake();
  std::unique_lock lock(i.flush_mutex);
  const bool done = i.flushed.wait_for(lock, i.options.stuck_reader_timeout * 2,
                                       [&] { return i.flushes_done >= mine; });
  i.hurry.fetch_sub(1);
  return done && i.unread.load() == 0;
}

void access_log::close() noexcept {
  implementation& i = *impl_;
  if (!i.thread.joinable()) return;
  i.hurry.fetch_add(1);
  i.stopping.store(true, std::memory_order_release);
  i.sleep.wake();
  i.thread.join();
}

std::uint64_t access_log::dropped() const noexcept { return impl_->lost.load(std::memory_order_relaxed); }

}  // namespace gatehouse
