// The client's side of TLS: whom it believes, whom it refuses and what it says of them, against a server of OpenSSL's
// own that is driven by hand.
#include <optional>

#include <gatehouse/net/tls_client.hpp>

#include "tls_client_context.hpp"
#include "tls_kit.hpp"

namespace gatehouse::net_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A listening socket whose connections speak TLS, or whatever a test writes into them.
class tls_peer {
 public:
  struct wishes {
    const made_certificate* shown = nullptr;  ///< null: nobody speaks TLS here
    int at_most = TLS1_3_VERSION;
    int at_least = TLS1_2_VERSION;
    const char* chooses = nullptr;               ///< ALPN, whatever was offered
    const made_certificate* believes = nullptr;  ///< set: clients need a certificate of this authority
    const char* says = nullptr;                  ///< instead of TLS
  };
  explicit tls_peer(wishes w) : w_(w), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const socket_address any(at("127.0.0.1:0"));
    EXPECT_EQ(::bind(listening_.get(), any.data(), any.length()), 0);
    EXPECT_EQ(::listen(listening_.get(), 8), 0);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    port = ntohs(bound.sin_port);
    if (w.shown != nullptr) make_context();
  }

  /// Whatever can be done now.
  void step() {
    const int fd = ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd != -1) begin(fd);
    if (ssl_ == nullptr || over) return;
    ERR_clear_error();
    if (!connected) {
      const int done = SSL_do_handshake(ssl_.get());
      if (done != 1) return note(done);
      connected = true;
      resumed.push_back(SSL_session_reused(ssl_.get()) == 1);
    }
    std::array<char, 4096> bytes;
    while (true) {
      const int n = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (n <= 0) return note(n);
      received.append(bytes.data(), static_cast<std::size_t>(n));
    }
  }
  void send(std::string_view text) {
    std::size_t n = 0;
    EXPECT_EQ(SSL_write_ex(ssl_.get(), text.data(), text.size(), &n), 1);
  }
  void say_goodbye() { SSL_shutdown(ssl_.get()); }
  void finish_socket() const { ::shutdown(fd_.get(), SHUT_WR); }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }

  std::uint16_t port = 0;
  int accepted = 0;
  bool connected = false;
  bool over = false;
  std::string received;
  std::vector<std::string> server_names;
  std::vector<bool> resumed;

 private:
  void make_context() {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const c = context_.get();
    SSL_CTX_set_security_level(c, 0);
    SSL_CTX_set_min_proto_version(c, w_.at_least);
    SSL_CTX_set_max_proto_version(c, w_.at_most);
    EXPECT_EQ(SSL_CTX_use_certificate(c, w_.shown->certificate.get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(c, w_.shown->key.get()), 1);
    SSL_CTX_set_session_id_context(c, reinterpret_cast<const unsigned char*>("peer"), 4);
    if (w_.chooses != nullptr) {
      SSL_CTX_set_alpn_select_cb(
          c,
          [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned, void* chosen) {
            const std::string_view name = static_cast<const char*>(chosen);
            *out = reinterpret_cast<const unsigned char*>(name.data());
            *size = static_cast<unsigned char>(name.size());
            return SSL_TLSEXT_ERR_OK;
          },
          const_cast<char*>(w_.chooses));
    }
    if (w_.believes == nullptr) return;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(c), w_.believes->certificate.get());
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  void begin(int fd) {
    ++accepted;
    fd_ = unique_fd(fd);
    connected = over = false;
    if (w_.says != nullptr) send_all(fd, w_.says);
    if (context_ == nullptr) return;
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd);
    SSL_set_accept_state(ssl_.get());
  }
  void note(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    if (connected && server_names.size() < resumed.size()) server_names.emplace_back(name == nullptr ? "" : name);
    over = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
  }

  wishes w_;
  unique_fd listening_;
  unique_fd fd_;
  ssl_context_ptr context_;
  ssl_ptr ssl_;
};

class tls_connect_test : public net_test {
 protected:
  tls_connect_test() {
    std::signal(SIGPIPE, SIG_IGN);
    files.write("ca.pem", ca.pem());
    files.write("other.pem", make_certificate({.name = "other", .names = "", .authority = true}).pem());
    const made_certificate me = make_certificate({.name = "gateway", .names = "", .issuer = &ca});
    files.write("me.pem", me.pem());
    files.write("me.key", me.key_pem());
  }
  std::shared_ptr<const gatehouse::tls_client> client(tls_client_config c) {
    c.folder = files.path();
    config_errors doubts;
    auto made = gatehouse::tls_client::make(c, "proxy.tls", std::chrono::system_clock::now(), doubts);
    if (!made) throw std::runtime_error(made.error().front().message);
    return *made;
  }
  /// What a connection to `to` ends in; null: in nothing.
  connect_result* connect_to(tls_peer& to, tls_client_config c, std::shared_ptr<tls_sessions> sessions = nullptr,
                             milliseconds timeout = milliseconds{5'000}) {
    const std::size_t before = ends.results.size();
    ends.in_call = true;
    attempt = tls_connect(
        *events, {.host = "127.0.0.1", .port = to.port, .with = client(std::move(c)), .sessions = std::move(sessions)},
        timeout, ends);
    ends.in_call = false;
    const bool ended = until([&] {
      to.step();
      return ends.results.size() > before;
    });
    return ended ? &ends.results.back() : nullptr;
  }
  template <typename Predicate>
  bool both(tls_peer& p, Predicate done) {
    return until([&] {
      p.step();
      return done();
    });
  }

  test_folder files;
  made_certificate ca = make_certificate({.name = "Test CA", .names = "", .authority = true});
  connect_recorder ends;
  std::unique_ptr<connecting> attempt;
  recorder near;
};

struct belief_case {
  const char* name;
  std::string names;  // of the certificate
  bool of_ca = true;  // else it signs itself
  long begins_days = -1;
  long ends_days = 60;
  std::string ca = "ca.pem";
  std::string server_name{};
  tls_trouble want = tls_trouble::none;
  std::string says{};
};

TEST_F(tls_connect_test, believes_who_can_show_it_and_nobody_else) {
  using enum tls_trouble;
  const belief_case rows[] = {
      {.name = "an authority that is named", .names = "DNS:a.example", .server_name = "a.example"},
      {.name = "the address, of the URL", .names = "IP:127.0.0.1"},
      {.name = "one label below a wildcard", .names = "DNS:*.w.example", .server_name = "x.w.example"},
      {.name = "capitals", .names = "DNS:A.Example", .server_name = "a.example"},
      {.name = "a self-signed one that is named itself", .names = "IP:127.0.0.1", .of_ca = false, .ca = "leaf.pem"},
      {.name = "a signed one that is named itself", .names = "IP:127.0.0.1", .ca = "leaf.pem"},
      {.name = "another authority",
       .names = "IP:127.0.0.1",
       .ca = "other.pem",
       .want = untrusted,
       .says = "unable to get local issuer certificate"},
      {.name = "the system's authorities",
       .names = "IP:127.0.0.1",
       .ca = "",
       .want = untrusted,
       .says = "tls.ca, if it is yours"},
      {.name = "self-signed", .names = "IP:127.0.0.1", .of_ca = false, .want = untrusted, .says = "self-signed"},
      {.name = "expired",
       .names = "IP:127.0.0.1",
       .begins_days = -9,
       .ends_days = -1,
       .want = expired,
       .says = "certificate has expired"},
      {.name = "not yet valid", .names = "IP:127.0.0.1", .begins_days = 1, .want = expired, .says = "clock wrong"},
      {.name = "another name",
       .names = "DNS:b.example",
       .server_name = "a.example",
       .want = wrong_name,
       .says = "expected: a.example): subject CN=a.example, for b.example, issued by CN=Test CA"},
      {.name = "the common name alone", .names = "", .server_name = "a.example", .want = wrong_name},
      {.name = "another address", .names = "IP:127.0.0.2", .want = wrong_name, .says = "expected: 127.0.0.1"},
      {.name = "the address as a name", .names = "DNS:127.0.0.1", .want = wrong_name},
      {.name = "two labels below a wildcard",
       .names = "DNS:*.w.example",
       .server_name = "y.x.w.example",
       .want = wrong_name},
      {.name = "the wildcard's own", .names = "DNS:*.w.example", .server_name = "w.example", .want = wrong_name},
      {.name = "a part of a label as wildcard",
       .names = "DNS:a*.example",
       .server_name = "ab.example",
       .want = wrong_name},
  };
  for (const belief_case& row : rows) {
    SCOPED_TRACE(row.name);
    const made_certificate leaf = make_certificate({.names = row.names,
                                                    .begins_days = row.begins_days,
                                                    .ends_days = row.ends_days,
                                                    .issuer = row.of_ca ? &ca : nullptr});
    files.write("leaf.pem", leaf.pem());
    tls_peer peer({.shown = &leaf});
    tls_client_config config{.server_name = row.server_name};
    if (!row.ca.empty()) config.ca = {row.ca};
    const connect_result* const r = connect_to(peer, config);
    ASSERT_NE(r, nullptr);
    EXPECT_EQ(r->tls, row.want) << r->text;
    EXPECT_EQ(r->connection != nullptr, row.want == none);
    EXPECT_THAT(r->text, HasSubstr(row.says));
    if (row.want == none) {
      ASSERT_TRUE(both(peer, [&] { return !peer.server_names.empty(); }));
      EXPECT_THAT(peer.server_names, ElementsAre(row.server_name)) << "an address is not sent as a name";
    }
    EXPECT_FALSE(peer.connected && row.want != none) << "it must not come to a request";
  }
}

TEST_F(tls_connect_test, says_what_was_presented_in_one_bounded_printable_line) {
  const made_certificate leaf = make_certificate(
      {.name = std::string("evil\r\n\x1b[31m") + std::string(50, 'x'), .names = "DNS:b.example", .issuer = &ca});
  tls_peer peer({.shown = &leaf});
  const connect_result* const r = connect_to(peer, {.ca = {"ca.pem"}});
  ASSERT_NE(r, nullptr);
  EXPECT_EQ(r->tls, tls_trouble::wrong_name);
  EXPECT_LT(r->text.size(), 1'024U);
  EXPECT_EQ(std::ranges::count_if(r->text, [](char c) { return c < ' ' || c > '~'; }), 0) << r->text;
}

struct handshake_case {
  const char* name;
  tls_peer::wishes peer{};
  bool shows_certificate = false;
  tls_trouble want = tls_trouble::none;
  std::string says{};
};

TEST_F(tls_connect_test, speaks_tls_1_2_or_1_3_and_http_1_1) {
  const made_certificate leaf = make_certificate({.names = "IP:127.0.0.1", .issuer = &ca});
  const handshake_case rows[] = {
      {.name = "TLS 1.2", .peer = {.shown = &leaf, .at_most = TLS1_2_VERSION}},
      {.name = "TLS 1.3", .peer = {.shown = &leaf, .at_least = TLS1_3_VERSION}},
      {.name = "HTTP/1.1 chosen", .peer = {.shown = &leaf, .chooses = "http/1.1"}},
      {.name = "TLS 1.2 that wants to know us, and does",
       .peer = {.shown = &leaf, .at_most = TLS1_2_VERSION, .believes = &ca},
       .shows_certificate = true},
      {.name = "TLS 1.3 that wants to know us, and does",
       .peer = {.shown = &leaf, .believes = &ca},
       .shows_certificate = true},
      {.name = "TLS 1.2 that wants to know us, and cannot",
       .peer = {.shown = &leaf, .at_most = TLS1_2_VERSION, .believes = &ca},
       .want = tls_trouble::handshake,
       .says = "it asked for a client certificate, and there is none for it"},
      {.name = "TLS 1.1 at most",
       .peer = {.shown = &leaf, .at_most = TLS1_1_VERSION, .at_least = TLS1_VERSION},
       .want = tls_trouble::handshake,
       .says = "protocol version"},
      {.name = "another protocol chosen", .peer = {.shown = &leaf, .chooses = "h2"}, .want = tls_trouble::handshake},
      {.name = "plain HTTP",
       .peer = {.says = "HTTP/1.1 400 Bad Request\r\n\r\n"},
       .want = tls_trouble::handshake,
       .says = "http://"},
      {.name = "something else",
       .peer = {.says = "\x01\x02\x03\x04\x05\x06\x07"},
       .want = tls_trouble::handshake,
       .says = "wrong version number"},
  };
  for (const handshake_case& row : rows) {
    SCOPED_TRACE(row.name);
    tls_peer peer(row.peer);
    tls_client_config config{.ca = {"ca.pem"}};
    if (row.shows_certificate) config.certificate = "me.pem", config.key = "me.key";
    const connect_result* const r = connect_to(peer, config);
    ASSERT_NE(r, nullptr);
    EXPECT_EQ(r->tls, row.want) << r->text;
    EXPECT_THAT(r->text, HasSubstr(row.says));
    EXPECT_EQ(r->connection != nullptr, row.want == tls_trouble::none);
  }
}

TEST_F(tls_connect_test, gives_up_on_a_handshake_that_hangs) {
  tls_peer silent({});
  const connect_result* const r = connect_to(silent, {.ca = {"ca.pem"}}, nullptr, milliseconds{100});
  ASSERT_NE(r, nullptr);
  EXPECT_EQ(r->tls, tls_trouble::timed_out);
  EXPECT_EQ(r->error_number, ETIMEDOUT);
}

TEST_F(tls_connect_test, can_be_taken_back_at_any_time) {
  const made_certificate leaf = make_certificate({.names = "IP:127.0.0.1", .issuer = &ca});
  for (int steps = 0; steps < 6; ++steps) {
    tls_peer peer({.shown = &leaf});
    attempt = tls_connect(*events, {.host = "127.0.0.1", .port = peer.port, .with = client({.ca = {"ca.pem"}})},
                          milliseconds{5'000}, ends);
    for (int i = 0; i < steps && ends.results.empty(); ++i) {
      events->poll(milliseconds{1});
      peer.step();
    }
    attempt.reset();
    settle(*events);
    ends.results.clear();
  }
}

TEST_F(tls_connect_test, says_that_a_server_of_tls_1_3_misses_our_certificate) {
  const made_certificate leaf = make_certificate({.names = "IP:127.0.0.1", .issuer = &ca});
  tls_peer peer({.shown = &leaf, .believes = &ca});
  connect_result* const r = connect_to(peer, {.ca = {"ca.pem"}});
  ASSERT_NE(r, nullptr);
  ASSERT_NE(r->connection, nullptr) << "the handshake is over before the server judges";
  near.take(std::move(r->connection));
  near.receive();
  ASSERT_TRUE(both(peer, [&] { return !near.failures.empty(); }));
  EXPECT_THAT(std::string{near.connection->trouble()},
              HasSubstr("it asked for a client certificate, and there is none for it"));
}

TEST_F(tls_connect_test, calls_an_end_without_close_notify_a_failure) {
  const made_certificate leaf = make_certificate({.names = "IP:127.0.0.1", .issuer = &ca});
  for (const bool in_order : {true, false}) {
    SCOPED_TRACE(in_order);
    tls_peer peer({.shown = &leaf});
    connect_result* const r = connect_to(peer, {.ca = {"ca.pem"}});
    ASSERT_NE(r, nullptr);
    recorder here;
    here.take(std::move(r->connection));
    here.receive();
    EXPECT_EQ(here.send("question").sent, 8U);
    ASSERT_TRUE(both(peer, [&] { return peer.received == "question"; }));
    peer.send("answer");
    if (in_order) peer.say_goodbye();
    peer.finish_socket();
    ASSERT_TRUE(until([&] { return here.ends + static_cast<int>(here.failures.size()) == 1; }));
    EXPECT_EQ(here.received, "answer");
    EXPECT_EQ(here.ends, in_order ? 1 : 0);
  }
}

TEST_F(tls_connect_test, resumes_with_the_newest_session) {
  const made_certificate leaf = make_certificate({.names = "IP:127.0.0.1", .issuer = &ca});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version);
    tls_peer peer({.shown = &leaf, .at_most = version});
    const auto sessions = tls_sessions::make();
    for (int i = 0; i < 4; ++i) {
      connect_result* const r = connect_to(peer, {.ca = {"ca.pem"}}, sessions);
      ASSERT_NE(r, nullptr);
      ASSERT_NE(r->connection, nullptr) << r->text;
      recorder here;
      here.take(std::move(r->connection));
      here.receive();
      here.send("x");
      ASSERT_TRUE(both(peer, [&] { return peer.received.size() == static_cast<std::size_t>(i + 1); }));
      peer.send("y");
      ASSERT_TRUE(both(peer, [&] { return here.received == "y"; }));
      EXPECT_TRUE(sessions->has_one());
    }
    EXPECT_THAT(peer.resumed, ElementsAre(false, true, true, true));
    peer.resumed.clear();
    peer.received.clear();
  }
}

struct trick_case {
  const char* name;
  int version;
  void (*play)(SSL*);
};

// What OpenSSL does not bound.
TEST_F(tls_connect_test, ends_a_connection_whose_server_plays_tricks) {
  const trick_case rows[] = {
      {"a flood of tickets", TLS1_3_VERSION, [](SSL* s) { SSL_new_session_ticket(s); }},
      {"a flood of KeyUpdates", TLS1_3_VERSION, [](SSL* s) { SSL_key_update(s, SSL_KEY_UPDATE_NOT_REQUESTED); }},
      {"a flood of KeyUpdates that want an answer", TLS1_3_VERSION,
       [](SSL* s) { SSL_key_update(s, SSL_KEY_UPDATE_REQUESTED); }},
      {"renegotiation", TLS1_2_VERSION, [](SSL* s) { SSL_renegotiate(s); }},
  };
  const made_certificate leaf = make_certificate({.names = "IP:127.0.0.1", .issuer = &ca});
  for (const trick_case& row : rows) {
    SCOPED_TRACE(row.name);
    tls_peer peer({.shown = &leaf, .at_most = row.version});
    connect_result* const r = connect_to(peer, {.ca = {"ca.pem"}}, tls_sessions::make());
    ASSERT_NE(r, nullptr);
    ASSERT_NE(r->connection, nullptr) << r->text;
    recorder here;
    here.take(std::move(r->connection));
    here.receive();
    ASSERT_TRUE(both(peer, [&] { return peer.connected; }));
    for (int i = 0; i < 100 && here.failures.empty(); ++i) {
      row.play(peer.ssl());
      SSL_do_handshake(peer.ssl());
      settle(*events);
      peer.step();
    }
    ASSERT_TRUE(until([&] { return !here.failures.empty(); }));
    EXPECT_EQ(here.received, "");
  }
}

TEST_F(tls_connect_test, accepts_anybody_only_when_it_is_told_to) {
  const made_certificate leaf = make_certificate({.names = "DNS:b.example", .begins_days = -9, .ends_days = -1});
  tls_peer peer({.shown = &leaf});
  const connect_result* const r = connect_to(peer, {.dangerously_accept_any_certificate = true});
  ASSERT_NE(r, nullptr);
  EXPECT_NE(r->connection, nullptr) << r->text;
}

TEST_F(tls_connect_test, is_the_same_client_only_with_the_same_files_and_words) {
  const auto one = client({.ca = {"ca.pem"}});
  EXPECT_TRUE(one->is_same(*client({.ca = {"ca.pem"}})));
  EXPECT_FALSE(one->is_same(*client({.ca = {"other.pem"}})));
  EXPECT_FALSE(one->is_same(*client({.ca = {"ca.pem", "other.pem"}})));
  EXPECT_FALSE(one->is_same(*client({.ca = {"ca.pem"}, .server_name = "a.example"})));
  EXPECT_FALSE(one->is_same(*client({.ca = {"ca.pem"}, .certificate = "me.pem", .key = "me.key"})));
  EXPECT_FALSE(one->is_same(*client({.dangerously_accept_any_certificate = true})));
  EXPECT_FALSE(one->is_same(*client({})));
  files.write("ca.pem", make_certificate({.name = "Test CA", .names = "", .authority = true}).pem());
  EXPECT_FALSE(one->is_same(*client({.ca = {"ca.pem"}}))) << "the same name, and another authority in it";
}

struct refused_case {
  const char* name;
  tls_client_config config;
  std::vector<std::string> want;  // key, a blank, code
};

TEST_F(tls_connect_test, says_all_that_is_wrong_with_a_configuration) {
  files.write("open.key", "-----BEGIN PRIVATE KEY-----\n", 0644);
  const made_certificate old = make_certificate({.begins_days = -9, .ends_days = -1});
  files.write("old.pem", old.pem());
  files.write("old.key", old.key_pem());
  const refused_case rows[] = {
      {"no such file", {.ca = {"none.pem"}}, {"proxy.tls.ca cannot-read"}},
      {"each of several",
       {.ca = {"none.pem", "ca.pem", "me.key"}},
       {"proxy.tls.ca cannot-read", "proxy.tls.ca not-a-certificate"}},
      {"a URL as name", {.ca = {"ca.pem"}, .server_name = "https://a.example"}, {"proxy.tls.server_name not-a-host"}},
      {"a wildcard as name", {.ca = {"ca.pem"}, .server_name = "*.example"}, {"proxy.tls.server_name not-a-host"}},
      {"a certificate without key", {.ca = {"ca.pem"}, .certificate = "me.pem"}, {"proxy.tls.key missing"}},
      {"a key without certificate", {.ca = {"ca.pem"}, .key = "me.key"}, {"proxy.tls.certificate missing"}},
      {"somebody else's key",
       {.ca = {"ca.pem"}, .certificate = "me.pem", .key = "old.key"},
       {"proxy.tls.key key-mismatch"}},
      {"a readable key that is none",
       {.ca = {"ca.pem"}, .certificate = "me.pem", .key = "open.key"},
       {"proxy.tls.key key-is-readable", "proxy.tls.key not-a-key"}},
      {"an expired certificate of ours",
       {.ca = {"ca.pem"}, .certificate = "old.pem", .key = "old.key"},
       {"proxy.tls.certificate certificate-expired"}},
      {"anybody, and an authority",
       {.ca = {"ca.pem"}, .dangerously_accept_any_certificate = true},
       {"proxy.tls.dangerously_accept_any_certificate contradiction"}},
      {"several mistakes",
       {.ca = {"none.pem"}, .server_name = "a b", .certificate = "me.pem"},
       {"proxy.tls.server_name not-a-host", "proxy.tls.ca cannot-read", "proxy.tls.key missing"}},
  };
  for (const refused_case& row : rows) {
    SCOPED_TRACE(row.name);
    tls_client_config c = row.config;
    c.folder = files.path();
    config_errors doubts;
    const auto made = gatehouse::tls_client::make(c, "proxy.tls", std::chrono::system_clock::now(), doubts);
    ASSERT_FALSE(made.has_value());
    std::vector<std::string> got;
    for (const config_error& e : made.error()) got.push_back(e.key + ' ' + e.code);
    EXPECT_EQ(got, row.want);
  }
}

TEST_F(tls_connect_test, warns_of_a_certificate_of_ours_that_soon_expires) {
  const made_certificate soon = make_certificate({.names = "", .ends_days = 3, .issuer = &ca});
  files.write("soon.pem", soon.pem());
  files.write("soon.key", soon.key_pem());
  config_errors doubts;
  const auto made = gatehouse::tls_client::make(
      {.ca = {"ca.pem"}, .certificate = "soon.pem", .key = "soon.key", .folder = files.path()}, "service.x.tls",
      std::chrono::system_clock::now(), doubts);
  ASSERT_TRUE(made.has_value()) << made.error().front().message;
  ASSERT_THAT(doubts, SizeIs(1));
  EXPECT_EQ(doubts.front().key, "service.x.tls.certificate");
  EXPECT_EQ(doubts.front().code, "certificate-expires");
}

TEST_F(tls_connect_test, finds_the_systems_authorities_where_they_are) {
  const std::string here = files.path() + "/ca.pem";
  const std::array places{"/nowhere/ca.crt", here.c_str()};
  EXPECT_EQ(detail::net::system_authorities(places), here);
  const std::array none{"/nowhere/ca.crt"};
  EXPECT_THAT(detail::net::system_authorities(none), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::net_test
