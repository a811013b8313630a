// The load, and the API behind gateways, in one thread that never sleeps while it presses: so no server pays for waking
// it up, and it is faster than any server that it measures. (wrk needs more time for a request than the floor for its
// answer: the floor would wait for wrk, and waiting costs a server more than work.)
//
//   load UPSTREAM_RESPONSE_FILE BODY_FILE
//
// Says on standard error where the API listens. Each line "PORT CONNECTIONS MILLISECONDS REQUEST_FILE" on standard
// input is a job; its result is a line of JSON on standard output. Every answer must be a 200 with the body of
// BODY_FILE.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "floor_server.hpp"

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::string_view success = "HTTP/1.1 200 ";
constexpr auto patience = std::chrono::seconds{10};  // for the last answers, when the time is over

struct job {
  std::uint16_t port = 0;
  std::size_t connections = 0;
  milliseconds time{};
  std::string request{};
};

struct outcome {
  std::uint64_t answers = 0;
  std::uint64_t failed = 0;
  std::uint64_t reconnected = 0;  // servers close a connection after a number of requests; that is no failure
  std::string first_failure{};
  std::vector<std::uint32_t> latencies_us{};
};

// Presses one server with one job.
class generator {
 public:
  generator(const job& j, std::string_view body) : job_{j}, body_{body}, clients_(j.connections) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) bench::give_up("epoll_create1");
    outcome_.latencies_us.reserve(static_cast<std::size_t>(j.time.count()) * 200);
  }
  generator(const generator&) = delete;
  generator& operator=(const generator&) = delete;
  ~generator() {
    for (const client& c : clients_) close(c.fd);
    close(epoll_);
  }

  outcome run(bench::floor_server& upstream) {
    const auto end = clock::now() + job_.time;
    for (std::size_t i = 0; i < clients_.size(); ++i) open(i);
    while (waiting_ > 0) {
      const auto now = clock::now();
      over_ = now >= end;
      if (now >= end + patience) {
        fail("no answer");
        break;
      }
      const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 0);
      for (int i = 0; i < count; ++i) receive(events_[static_cast<std::size_t>(i)].data.u32);
      upstream.serve(0);
    }
    return std::move(outcome_);
  }

 private:
  struct client {
    int fd = -1;
    clock::time_point asked{};
    std::string begun{};  // an answer of which only a part has arrived
  };

  void open(std::size_t index) {
    client& c = clients_[index];
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(job_.port);
    if (c.fd < 0 || connect(c.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      bench::give_up("connect");
    bench::send_without_delay(c.fd);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(index);
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event) != 0) bench::give_up("epoll_ctl");
    ++waiting_;
    ask(c);
  }

  void ask(client& c) {
    c.asked = clock::now();
    c.begun.clear();
    // Of a server that has just closed the connection, recv() will tell.
    (void)send(c.fd, job_.request.data(), job_.request.size(), MSG_NOSIGNAL);
  }

  void receive(std::size_t index) {
    client& c = clients_[index];
    const ssize_t size = recv(c.fd, input_.data(), input_.size(), MSG_DONTWAIT);
    if (size <= 0) {
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (!c.begun.empty()) fail("the answer ends in its middle");
      close(c.fd);
      --waiting_;
      ++outcome_.reconnected;
      return open(index);
    }
    std::string_view answer{input_.data(), static_cast<std::size_t>(size)};
    if (!c.begun.empty()) answer = c.begun.append(answer);
    const std::size_t head = answer.find(bench::end_of_head);
    if (head == std::string_view::npos || answer.size() < head + bench::end_of_head.size() + body_.size()) {
      if (answer.size() > bench::max_head_bytes) return fail(answer);
      if (c.begun.empty()) c.begun = answer;
      return;
    }
    if (!answer.starts_with(success) || answer.substr(head + bench::end_of_head.size()) != body_) fail(answer);
    ++outcome_.answers;
    outcome_.latencies_us.push_back(
        static_cast<std::uint32_t>(std::chrono::duration_cast<microseconds>(clock::now() - c.asked).count()));
    if (over_) {
      --waiting_;
    } else {
      ask(c);
    }
  }

  void fail(std::string_view what) {
    if (outcome_.failed++ == 0) outcome_.first_failure = what.substr(0, 300);
  }

  const job& job_;
  std::string_view body_;
  outcome outcome_{};
  int epoll_ = -1;
  bool over_ = false;
  std::size_t waiting_ = 0;  // connections that owe an answer
  std::vector<client> clients_;
  std::array<epoll_event, 256> events_{};
  std::array<char, bench::max_head_bytes> input_{};
};

void print(outcome& o, std::chrono::duration<double> took) {
  std::uint32_t p99 = 0;
  if (!o.latencies_us.empty()) {
    const auto at = o.latencies_us.begin() + static_cast<std::ptrdiff_t>(o.latencies_us.size() * 99 / 100);
    std::nth_element(o.latencies_us.begin(), at, o.latencies_us.end());
    p99 = *at;
  }
  for (char& c : o.first_failure) {
    if (c < ' ' || c > '~' || c == '"' || c == '\\') c = ' ';  // needs no escapes in JSON
  }
  std::printf(R"({"requests": %ju, "failed": %ju, "reconnected": %ju, "seconds": %.6f, "p99_us": %u, "failure": "%s"})"
              "\n",
              std::uintmax_t{o.answers}, std::uintmax_t{o.failed}, std::uintmax_t{o.reconnected}, took.count(), p99,
              o.first_failure.c_str());
  std::fflush(stdout);
}

// One line of standard input; false at its end. The API is served meanwhile.
bool wait_for_job(bench::floor_server& upstream, int epoll, job& j) {
  for (;;) {
    std::array<epoll_event, 2> events{};
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.fd != STDIN_FILENO) {
        upstream.serve(0);
        continue;
      }
      std::string line;
      if (!std::getline(std::cin, line)) return false;
      std::istringstream words{line};
      std::string file;
      std::int64_t ms = 0;
      if (!(words >> j.port >> j.connections >> ms >> file)) return false;
      j.time = milliseconds{ms};
      j.request = bench::read_file(file.c_str());
      return true;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: load UPSTREAM_RESPONSE_FILE BODY_FILE\n", stderr);
    return 2;
  }
  static bench::floor_server upstream{bench::read_file(argv[1])};
  const std::string body = bench::read_file(argv[2]);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  bench::watch(epoll, STDIN_FILENO);
  bench::watch(epoll, upstream.descriptor());
  std::fprintf(stderr, "listening on http://127.0.0.1:%u\n", static_cast<unsigned>(upstream.port()));

  for (job j; wait_for_job(upstream, epoll, j);) {
    const auto began = clock::now();
    outcome o = [&] {
      generator g{j, body};
      return g.run(upstream);
    }();
    print(o, clock::now() - began);
  }
}
