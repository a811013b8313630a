#include "net_fixture.hpp"

namespace gatehouse::net_test {
namespace {

/// A port of ours on which nobody listens, so that nobody else can either.
class silent_port {
 public:
  explicit silent_port(std::string_view address) : fd_(detail::net::bind_socket(at(address), false)) {}
  [[nodiscard]] std::uint16_t port() const { return detail::net::local_endpoint(fd_.get()).port; }

 private:
  unique_fd fd_;
};

/// A listener whose queue is full: the kernel drops who knocks, and connecting to it never ends.
class full_listener {
 public:
  explicit full_listener(const endpoint& where) : fd_(detail::net::bind_socket(where, false)) {
    EXPECT_EQ(::listen(fd_.get(), 0), 0);
    const endpoint to = local();
    for (int i = 0; i < 3; ++i) {
      queued_.push_back(detail::net::open_socket(to.address));
      const socket_address address(to);
      (void)::connect(queued_.back().get(), address.data(), address.length());
    }
  }
  [[nodiscard]] endpoint local() const { return detail::net::local_endpoint(fd_.get()); }

 private:
  unique_fd fd_;
  std::vector<unique_fd> queued_;
};

class connecting_out : public timed_net_test {
 protected:
  std::unique_ptr<connecting> start(std::string_view host, std::uint16_t port, milliseconds timeout = seconds{5}) {
    owner.in_call = true;
    auto attempt = events->connect(host, port, timeout, owner);
    owner.in_call = false;
    return attempt;
  }
  /// The error that connecting ends in.
  int error_of(std::string_view host, std::uint16_t port) {
    const std::size_t before = owner.results.size();
    const auto attempt = start(host, port);
    EXPECT_TRUE(until([&] { return owner.results.size() > before; }));
    EXPECT_EQ(owner.results.back().connection, nullptr);
    return owner.results.back().error_number;
  }
  connect_recorder owner;
};

TEST_F(connecting_out, a_numeric_address_is_connected) {
  const auto attempt = start("127.0.0.1", door->local().port);
  ASSERT_TRUE(until([&] { return !owner.results.empty() && !accepted.connections.empty(); }));
  recorder here, there;
  ASSERT_NE(owner.results[0].connection, nullptr);
  EXPECT_EQ(owner.results[0].error_number, 0);
  here.take(std::move(owner.results[0].connection));
  there.take(std::move(accepted.connections[0]));
  here.receive();
  there.receive();
  EXPECT_EQ(here.send("question").sent, 8U);
  EXPECT_EQ(there.send("answer").sent, 6U);
  EXPECT_TRUE(until([&] { return there.received == "question" && here.received == "answer"; }));
}

TEST_F(connecting_out, bytes_that_came_before_the_owner_are_not_missed) {
  const auto attempt = start("127.0.0.1", door->local().port);
  ASSERT_TRUE(until([&] { return !accepted.connections.empty(); }));
  recorder there;
  there.take(std::move(accepted.connections[0]));
  ASSERT_EQ(there.send("greeting").sent, 8U);
  ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
  settle(*events);
  recorder here;
  here.take(std::move(owner.results[0].connection));
  here.receive();
  EXPECT_TRUE(until([&] { return here.received == "greeting"; }));
}

TEST_F(connecting_out, the_stream_outlives_the_attempt) {
  auto attempt = start("127.0.0.1", door->local().port);
  ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
  attempt.reset();
  recorder here;
  here.take(std::move(owner.results[0].connection));
  EXPECT_EQ(here.send("x").sent, 1U);
}

TEST_F(connecting_out, nobody_listening_is_refused) {
  const silent_port silent("127.0.0.1:0");
  EXPECT_EQ(error_of("127.0.0.1", silent.port()), ECONNREFUSED);
  EXPECT_FALSE(owner.results[0].name_not_found);
}

TEST_F(connecting_out, what_fails_at_once_is_told_later_too) { EXPECT_NE(error_of("255.255.255.255", 80), 0); }

TEST_F(connecting_out, a_port_that_the_kernel_gives_to_clients_is_not_connected_to_itself) {
  unique_fd self = detail::net::bind_socket(at("127.0.0.1:0"), false);
  const socket_address address(detail::net::local_endpoint(self.get()));
  (void)::connect(self.get(), address.data(), address.length());
  EXPECT_TRUE(detail::net::is_connected_to_itself(self.get()));
}

TEST_F(connecting_out, no_answer_is_a_timeout) {
  const full_listener full(at("127.0.0.1:0"));
  const auto attempt = start("127.0.0.1", full.local().port, seconds{3});
  clock.advance(milliseconds{2900});
  settle(*events);
  EXPECT_TRUE(owner.results.empty());
  clock.advance(milliseconds{100});
  ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
  EXPECT_EQ(owner.results[0].error_number, ETIMEDOUT);
  EXPECT_EQ(owner.results[0].connection, nullptr);
}

TEST_F(connecting_out, localhost_finds_who_listens_on_either_address) {
  for (const std::string_view address : {"[::1]:0", "127.0.0.1:0"}) {
    SCOPED_TRACE(address);
    collector server;
    auto only = events->listen(at(address), false);
    ASSERT_TRUE(only.has_value());
    (*only)->start(server);
    owner.results.clear();
    const auto attempt = start("LocalHost", (*only)->local().port);
    ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
    EXPECT_NE(owner.results[0].connection, nullptr);
    EXPECT_TRUE(until([&] { return server.connections.size() == 1; }));
  }
}

TEST_F(connecting_out, localhost_without_anybody_is_refused) {
  const silent_port silent("127.0.0.1:0");
  EXPECT_EQ(error_of("localhost", silent.port()), ECONNREFUSED);
}

TEST_F(connecting_out, an_address_that_never_answers_leaves_time_for_the_next) {
  endpoint v6 = at("[::1]:0");
  v6.port = door->local().port;
  const full_listener full(v6);
  const auto attempt = start("localhost", door->local().port, seconds{4});
  clock.advance(seconds{2});
  ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
  EXPECT_NE(owner.results[0].connection, nullptr);
}

TEST_F(connecting_out, names_that_no_resolver_can_know_are_not_found) {
  const std::string too_long(300, 'a');
  for (const std::string_view name : {std::string_view(""), std::string_view("a\0b", 3), std::string_view(too_long)}) {
    SCOPED_TRACE(name);
    owner.results.clear();
    EXPECT_EQ(error_of(name, 80), EHOSTUNREACH);
    EXPECT_TRUE(owner.results[0].name_not_found);
  }
}

// RFC 6761 section 6.4: .invalid never exists. Without a network the resolver gives up, which is the same to us.
TEST_F(connecting_out, a_name_that_does_not_exist_is_not_found) {
  const auto attempt = start("name.invalid", 80);
  ASSERT_TRUE(run_until(*events, [&] { return !owner.results.empty(); }, milliseconds{60'000}));
  EXPECT_TRUE(owner.results[0].name_not_found);
  EXPECT_EQ(owner.results[0].error_number, EHOSTUNREACH);
}

// 127.1 is no address to us, but one to getaddrinfo: a look-up that needs no network.
TEST_F(connecting_out, a_name_is_looked_up) {
  const auto attempt = start("127.1", door->local().port);
  ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
  EXPECT_NE(owner.results[0].connection, nullptr);
}

class resolve_recorder final : public resolve_owner {
 public:
  void on_resolved(std::span<const ip_address> found) noexcept override {
    ++told;
    addresses.assign(found.begin(), found.end());
  }
  int told = 0;
  std::vector<ip_address> addresses{};
};

TEST_F(connecting_out, a_name_is_resolved_without_a_connection_and_the_answer_holds_a_while) {
  for (const milliseconds later : {milliseconds{0}, milliseconds{1'000}, resolved_names_hold}) {
    clock.advance(later);
    resolve_recorder first;
    resolve_recorder second;
    const auto a = events->resolve("127.1", first);
    const auto b = events->resolve("127.1", second);
    EXPECT_EQ(first.told, 0) << "told from inside resolve()";
    ASSERT_TRUE(until([&] { return first.told == 1 && second.told == 1; }));
    EXPECT_EQ(first.addresses, std::vector{*ip_address::parse("127.0.0.1")});
    EXPECT_EQ(second.addresses, first.addresses);
  }
}

TEST_F(connecting_out, a_look_up_that_nobody_waits_for_tells_nobody) {
  resolve_recorder gone;
  resolve_recorder kept;
  auto a = events->resolve("127.1", gone);
  const auto b = events->resolve("127.1", kept);
  a.reset();
  ASSERT_TRUE(until([&] { return kept.told == 1; }));
  EXPECT_EQ(gone.told, 0);
}

TEST(net, only_names_are_looked_up) {
  EXPECT_TRUE(is_looked_up("api.internal"));
  EXPECT_TRUE(is_looked_up("127.1"));
  EXPECT_FALSE(is_looked_up("LOCALHOST"));
  EXPECT_FALSE(is_looked_up("127.0.0.1"));
  EXPECT_FALSE(is_looked_up("::1"));
}

/// A Unix socket in a folder of its own.
class local_listener {
 public:
  explicit local_listener(int backlog) {
    std::string pattern = std::filesystem::temp_directory_path() / "gatehouse-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path = folder_ / "s";
    fd_ = detail::net::open_local_socket();
    const auto where = detail::net::local_address::make(path);
    EXPECT_EQ(::bind(fd_.get(), where->data(), where->length()), 0);
    EXPECT_EQ(::listen(fd_.get(), backlog), 0);
  }
  local_listener(const local_listener&) = delete;
  local_listener& operator=(const local_listener&) = delete;
  ~local_listener() { std::filesystem::remove_all(folder_); }
  unique_fd accept() const { return unique_fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  std::string path;

 private:
  std::filesystem::path folder_;
  unique_fd fd_;
};

TEST_F(connecting_out, a_unix_socket_is_connected) {
  const local_listener there(1);
  const auto attempt = events->connect_local(there.path, seconds{5}, owner);
  ASSERT_TRUE(until([&] { return !owner.results.empty(); }));
  ASSERT_NE(owner.results[0].connection, nullptr);
  const unique_fd other = there.accept();
  recorder here;
  here.take(std::move(owner.results[0].connection));
  here.receive();
  send_all(other.get(), "greeting");
  EXPECT_TRUE(until([&] { return here.received == "greeting"; }));
}

TEST_F(connecting_out, a_unix_socket_whose_queue_is_full_is_tried_again) {
  const local_listener there(0);
  const auto first = events->connect_local(there.path, seconds{5}, owner);
  ASSERT_TRUE(until([&] { return owner.results.size() == 1; }));
  const auto second = events->connect_local(there.path, seconds{5}, owner);
  settle(*events);
  EXPECT_EQ(owner.results.size(), 1U);
  const unique_fd made_room = there.accept();
  clock.advance(milliseconds{200});
  ASSERT_TRUE(until([&] { return owner.results.size() == 2; }));
  EXPECT_NE(owner.results[1].connection, nullptr);
  // The queue is full again, and stays so until the time is over.
  const auto third = events->connect_local(there.path, seconds{1}, owner);
  settle(*events);
  clock.advance(milliseconds{1'100});
  ASSERT_TRUE(until([&] { return owner.results.size() == 3; }));
  EXPECT_EQ(owner.results[2].error_number, ETIMEDOUT);
}

TEST_F(connecting_out, a_unix_socket_that_is_not_there) {
  const std::string too_long(200, 'a');
  for (const auto& [path, error] :
       {std::pair{std::string{"/nonexistent/s"}, ENOENT}, {"/tmp", ECONNREFUSED}, {too_long, ENAMETOOLONG}}) {
    SCOPED_TRACE(path);
    owner.results.clear();
    const auto attempt = events->connect_local(path, seconds{5}, owner);
    EXPECT_TRUE(owner.results.empty()) << "told from inside connect_local()";
    ASSERT_TRUE(until([&] { return owner.results.size() == 1; }));
    EXPECT_EQ(owner.results[0].error_number, error);
  }
}

TEST_F(connecting_out, more_names_than_helper_threads_are_looked_up) {
  std::vector<std::unique_ptr<connecting>> attempts;
  for (int i = 0; i < 20; ++i) attempts.push_back(start("127.1", door->local().port));
  attempts[3].reset();
  attempts[19].reset();
  ASSERT_TRUE(until([&] { return owner.results.size() == 18; }));
  for (const auto& r : owner.results) EXPECT_NE(r.connection, nullptr);
}

TEST(connecting, a_loop_may_end_while_names_are_looked_up) {
  for (int i = 0; i < 20; ++i) {
    const auto events = loop::make();
    connect_recorder owner;
    const auto attempt = events->connect(i % 2 == 0 ? "127.1" : "name.invalid", 9, seconds{5}, owner);
    if (i % 4 < 2) std::this_thread::sleep_for(milliseconds{1});
    EXPECT_TRUE(owner.results.empty());
  }
}

TEST_F(connecting_out, a_looked_up_address_may_refuse) {
  const silent_port silent("127.0.0.1:0");
  EXPECT_EQ(error_of("127.1", silent.port()), ECONNREFUSED);
  EXPECT_FALSE(owner.results[0].name_not_found);
}

TEST_F(connecting_out, a_cancelled_attempt_tells_nobody_and_leaves_no_descriptor) {
  const silent_port silent("127.0.0.1:0");
  const full_listener full(at("127.0.0.1:0"));
  for (const std::uint16_t port : {door->local().port, silent.port(), full.local().port}) {
    const std::size_t before = open_descriptors();
    start("127.0.0.1", port).reset();
    start("localhost", port).reset();
    EXPECT_EQ(open_descriptors(), before);
  }
  settle(*events);
  clock.advance(seconds{10});
  settle(*events);
  EXPECT_TRUE(owner.results.empty());
  EXPECT_TRUE(events->timers().empty());
}

TEST_F(connecting_out, a_cancelled_look_up_tells_nobody) {
  for (int i = 0; i < 10; ++i) {
    auto attempt = start("127.1", door->local().port);
    if (i % 2 == 0) std::this_thread::sleep_for(milliseconds{2});  // the result is on its way
    attempt.reset();
  }
  for (int i = 0; i < 10; ++i) settle(*events);
  EXPECT_TRUE(owner.results.empty());
}

TEST_F(connecting_out, the_attempt_may_be_dropped_inside_on_connect) {
  const silent_port silent("127.0.0.1:0");
  std::unique_ptr<connecting> attempt;
  owner.then = [&] { attempt.reset(); };
  for (const std::uint16_t port : {door->local().port, silent.port()}) {
    for (const std::string_view host : {"127.0.0.1", "localhost", "127.1", ""}) {
      SCOPED_TRACE(host);
      attempt = start(host, port);
      ASSERT_TRUE(until([&] { return attempt == nullptr; }));
    }
  }
  EXPECT_EQ(owner.results.size(), 8U);
}

TEST_F(connecting_out, failures_leave_no_descriptor) {
  const silent_port silent("127.0.0.1:0");
  EXPECT_EQ(error_of("127.0.0.1", silent.port()), ECONNREFUSED);
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(error_of("localhost", silent.port()), ECONNREFUSED);
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace gatehouse::net_test
