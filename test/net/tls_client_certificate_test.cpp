// Certificates of clients: who is let in, who is refused with what alert and which reason, and that nothing of it is
// lost or mixed up by sessions that are resumed.
#include <openssl/ssl.h>

#include <gatehouse/base/limits.hpp>

#include "tls_kit.hpp"

namespace gatehouse::net_test {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct version {
  const char* name;
  int number;
};

struct with_clock {
  virtual_clock clock;
};

/// Three authorities (ours, one below it, another), and a clock that begins now.
class client_certificates : public with_clock, public tls_test, public ::testing::WithParamInterface<version> {
 protected:
  client_certificates() : tls_test(&clock) {
    clock.advance(std::chrono::system_clock::now() - clock.system());
    files.write("ca.pem", ours.pem());
    files.write("other.pem", other.pem());
    files.write("below.pem", below.pem());
    demand("required");
  }
  void demand(const std::string& what, const std::string& of = "ca.pem") {
    server = make(tickets, what, what == "none" ? std::vector<std::string>{} : std::vector{of});
  }
  [[nodiscard]] tls_client::wishes with(const made_certificate* c, const made_certificate* intermediate = nullptr,
                                        SSL_SESSION* session = nullptr) const {
    return {.version = GetParam().number,
            .server_name = "a.example",
            .session = session,
            .certificate = c,
            .intermediate = intermediate};
  }
  /// The subject that the server knows the client by; "nobody" without a certificate, "refused" when it does not come
  /// in.
  std::string come(tls_client& c) {
    const std::size_t before = channels.size();
    const std::size_t failed = failures.size();
    if (!both(c, [&] { return channels.size() > before || failures.size() > failed; })) return "nothing";
    if (failures.size() > failed) {
      both(c, [&] { return !c.error.empty() || c.ended; });
      return "refused";
    }
    near.send("!");  // tickets come before it
    both(c, [&] { return c.received == "!"; });
    const client_certificate* const known = channels.back()->client;
    return known == nullptr ? "nobody" : known->subject;
  }

  /// The latest ticket that can be used again: in TLS 1.3 one that came in the connection, if any did.
  static void keep_session(std::shared_ptr<SSL_SESSION>& kept, const tls_client& c) {
    if (GetParam().number == TLS1_2_VERSION) kept.reset(SSL_get1_session(c.ssl()), SSL_SESSION_free);
    if (GetParam().number == TLS1_3_VERSION && c.session != nullptr) kept = c.session;
  }

  std::shared_ptr<tls_ticket_keys> tickets = tls_ticket_keys::make();
  made_certificate ours = make_certificate({.name = "ours", .names = "", .ends_days = 900, .authority = true});
  made_certificate below = make_certificate(
      {.name = "below", .names = "", .ends_days = 900, .issuer = &ours, .authority = true});
  made_certificate other = make_certificate({.name = "other", .names = "", .ends_days = 900, .authority = true});
  made_certificate good = make_certificate({.name = "good", .issuer = &ours, .purpose = "clientAuth"});
};

TEST_P(client_certificates, are_let_in_only_when_nothing_is_wrong_with_them) {
  made_certificate impostor = make_certificate({.name = "ours", .names = "", .authority = true});
  made_certificate no_authority = make_certificate({.name = "leaf", .issuer = &ours});
  struct row {
    const char* name;
    certificate_wish wish;
    bool sends_intermediate = false;
    const char* known_as = nullptr;  // null: refused
    const char* alert = "";
    const char* reason = "";
  };
  const row rows[] = {
      {.name = "for clients", .wish = {.name = "a", .issuer = &ours, .purpose = "clientAuth"}, .known_as = "CN=a"},
      {.name = "for everything", .wish = {.name = "a", .issuer = &ours}, .known_as = "CN=a"},
      {.name = "for clients and servers",
       .wish = {.name = "a", .issuer = &ours, .purpose = "serverAuth,clientAuth"},
       .known_as = "CN=a"},
      {.name = "RSA", .wish = {.name = "a", .rsa_bits = 2048, .issuer = &ours}, .known_as = "CN=a"},
      {.name = "with its intermediate",
       .wish = {.name = "a", .issuer = &below},
       .sends_intermediate = true,
       .known_as = "CN=a"},
      {.name = "without its intermediate",
       .wish = {.name = "a", .issuer = &below},
       .alert = "tlsv1 alert unknown ca",
       .reason = "unable to get local issuer certificate: CN=a"},
      {.name = "self-signed",
       .wish = {.name = "a"},
       .alert = "tlsv1 alert unknown ca",
       .reason = "self-signed certificate: CN=a"},
      {.name = "of another authority",
       .wish = {.name = "a", .issuer = &other},
       .alert = "tlsv1 alert unknown ca",
       .reason = "unable to get local issuer certificate: CN=a"},
      {.name = "of an authority that only has the name of ours",
       .wish = {.name = "a", .issuer = &impostor},
       .alert = "tlsv1 alert decrypt error",
       .reason = "certificate signature failure: CN=a"},
      {.name = "signed by a certificate that is no authority",
       .wish = {.name = "a", .issuer = &no_authority},
       .alert = "tlsv1 alert unknown ca",
       .reason = "unable to get local issuer certificate: CN=a"},
      {.name = "expired",
       .wish = {.name = "a", .begins_days = -9, .ends_days = -1, .issuer = &ours},
       .alert = "sslv3 alert certificate expired",
       .reason = "certificate has expired: CN=a"},
      {.name = "not yet valid",
       .wish = {.name = "a", .begins_days = 2, .issuer = &ours},
       .alert = "sslv3 alert bad certificate",
       .reason = "certificate is not yet valid: CN=a"},
      {.name = "for servers only",
       .wish = {.name = "a", .issuer = &ours, .purpose = "serverAuth"},
       .alert = "sslv3 alert unsupported certificate",
       .reason = "unsuitable certificate purpose: CN=a"},
      {.name = "a small key",
       .wish = {.name = "a", .rsa_bits = 1024, .issuer = &ours},
       .reason = "EE certificate key too weak: CN=a"},
      {.name = "SHA-1",
       .wish = {.name = "a", .digest = EVP_sha1(), .issuer = &ours},
       .reason = "CA signature digest algorithm too weak: CN=a"},
      {.name = "very large",
       .wish = {.name = "a", .names = "URI:spiffe://a/" + std::string(9'000, 'x'), .issuer = &ours},
       .reason = "larger than 8 KiB: CN=a"},
      {.name = "a name that would write lines of its own",
       .wish = {.name = "a\r\n{\"b\"", .issuer = &other},
       .alert = "tlsv1 alert unknown ca",
       .reason = R"(unable to get local issuer certificate: CN=a\0D\0A{\"b\")"},
  };
  for (const char* const what : {"required", "optional"}) {
    demand(what);
    for (const row& r : rows) {
      SCOPED_TRACE(std::string{what} + ": " + r.name);
      failures.clear();
      problems.clear();
      const made_certificate shown = make_certificate(r.wish);
      tls_client c(door->local(), with(&shown, r.sends_intermediate ? &below : nullptr));
      ASSERT_EQ(come(c), r.known_as == nullptr ? "refused" : r.known_as) << ::testing::PrintToString(problems);
      if (r.known_as != nullptr) continue;
      EXPECT_THAT(failures, ElementsAre(tls_failure::client_certificate_refused));
      EXPECT_THAT(problems, ElementsAre(r.reason));
      EXPECT_THAT(c.error, HasSubstr(r.alert));
    }
  }
  EXPECT_EQ(counted.under_way, 0U);
}

TEST_P(client_certificates, that_are_missing_are_a_matter_of_what_is_demanded) {
  tls_client refused(door->local(), with(nullptr));
  EXPECT_EQ(come(refused), "refused");
  EXPECT_THAT(failures, ElementsAre(tls_failure::client_certificate_missing));
  EXPECT_THAT(refused.error,
              HasSubstr(GetParam().number == TLS1_3_VERSION ? "certificate required" : "handshake failure"));
  demand("optional");
  tls_client nobody(door->local(), with(nullptr));
  EXPECT_EQ(come(nobody), "nobody");
  demand("none");
  tls_client unasked(door->local(), with(&good));
  EXPECT_EQ(come(unasked), "nobody") << "who is not asked shows none";
}

TEST_P(client_certificates, may_be_of_an_authority_below_another) {
  demand("required", "below.pem");
  const made_certificate a = make_certificate({.name = "a", .issuer = &below});
  tls_client without(door->local(), with(&a));
  EXPECT_EQ(come(without), "CN=a");
  tls_client above(door->local(), with(&good));
  EXPECT_EQ(come(above), "refused") << "only what is listed is trusted, not what is above it";
}

TEST_P(client_certificates, are_followed_over_few_intermediates) {
  std::vector<std::unique_ptr<made_certificate>> chain;
  const made_certificate* issuer = &ours;
  for (int i = 0; i < max_client_intermediates + 1; ++i) {
    chain.push_back(std::make_unique<made_certificate>(
        make_certificate({.name = "i" + std::to_string(i), .names = "", .issuer = issuer, .authority = true})));
    issuer = chain.back().get();
    SCOPED_TRACE(i + 1);
    const made_certificate leaf = make_certificate({.name = "leaf", .issuer = issuer});
    tls_client c(door->local(), with(&leaf));
    for (const auto& one : chain) SSL_add1_chain_cert(c.ssl(), one->certificate.get());
    EXPECT_EQ(come(c), i < max_client_intermediates ? "CN=leaf" : "refused");
  }
}

TEST_P(client_certificates, keep_their_owner_when_a_session_is_resumed) {
  demand("optional");
  const made_certificate second = make_certificate({.name = "second", .issuer = &ours});
  tls_client one(door->local(), with(&good));
  ASSERT_EQ(come(one), "CN=good");
  const std::string fingerprint = channels.back()->client->fingerprint;
  tls_client two(door->local(), with(&second));
  ASSERT_EQ(come(two), "CN=second");
  tls_client nobody(door->local(), with(nullptr));
  ASSERT_EQ(come(nobody), "nobody");

  tls_client one_again(door->local(), with(nullptr, nullptr, one.session.get()));
  EXPECT_EQ(come(one_again), "CN=good");
  EXPECT_EQ(channels.back()->client->fingerprint, fingerprint);
  tls_client two_again(door->local(), with(&good, nullptr, two.session.get()));
  EXPECT_EQ(come(two_again), "CN=second") << "the session's, whatever else the client has";
  tls_client nobody_again(door->local(), with(&good, nullptr, nobody.session.get()));
  EXPECT_EQ(come(nobody_again), "nobody");
  EXPECT_THAT(resumed, ElementsAre(false, false, false, true, true, true));
}

TEST_P(client_certificates, are_asked_for_anew_when_something_else_is_demanded) {
  struct row {
    const char* name;
    const char* before;
    const char* authority_before;
    bool shown_before;
    const char* after;
    const char* authority_after;
    const char* expected;
    bool resumes = false;
  };
  const row rows[] = {
      {"nothing changed", "required", "ca.pem", true, "required", "ca.pem", "CN=good", true},
      {"the authority", "required", "ca.pem", true, "required", "other.pem", "refused"},
      {"the authority, optional", "optional", "ca.pem", true, "optional", "other.pem", "refused"},
      {"optional to required, shown", "optional", "ca.pem", true, "required", "ca.pem", "CN=good"},
      {"optional to required, none shown", "optional", "ca.pem", false, "required", "ca.pem", "refused"},
      {"none to required", "none", "ca.pem", false, "required", "ca.pem", "refused"},
      {"none to optional", "none", "ca.pem", false, "optional", "ca.pem", "nobody"},
      {"required to none", "required", "ca.pem", true, "none", "ca.pem", "nobody"},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    demand(r.before, r.authority_before);
    tls_client first(door->local(), with(r.shown_before ? &good : nullptr));
    ASSERT_NE(come(first), "refused");
    ASSERT_NE(first.session, nullptr);
    demand(r.after, r.authority_after);
    resumed.clear();
    tls_client next(door->local(), with(r.shown_before ? &good : nullptr, nullptr, first.session.get()));
    EXPECT_EQ(come(next), r.expected);
    EXPECT_EQ(resumed, r.expected == std::string_view{"refused"} ? std::vector<bool>{} : std::vector{r.resumes});
  }
}

TEST_P(client_certificates, end_their_sessions_with_themselves) {
  struct row {
    const char* name;
    long ends_days;
    long authority_ends_days;
    hours later;
    const char* expected;
    bool resumes;
  };
  const row rows[] = {
      {"soon after", 60, 900, hours{1}, "CN=a", true},
      {"when the certificate has expired", 1, 900, hours{25}, "refused", false},
      {"when its authority has expired", 60, 1, hours{25}, "refused", false},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    made_certificate authority = make_certificate(
        {.name = "short", .names = "", .ends_days = r.authority_ends_days, .authority = true});
    files.write("short.pem", authority.pem());
    const made_certificate a = make_certificate({.name = "a", .ends_days = r.ends_days, .issuer = &authority});
    // Tickets whose keys are not the reason.
    tickets = tls_ticket_keys::make();
    demand("optional", "short.pem");
    tls_client first(door->local(), with(&a));
    ASSERT_EQ(come(first), "CN=a");
    resumed.clear();
    // Step by step, so that its ticket is renewed: each stands for the first look at the certificate.
    std::shared_ptr<SSL_SESSION> session = first.session;
    std::string last;
    for (hours passed{0}; passed < r.later; passed += hours{1}) {
      clock.advance(hours{1});
      tls_client next(door->local(), with(&a, nullptr, session.get()));
      last = come(next);
      keep_session(session, next);
    }
    EXPECT_EQ(last, r.expected);
    EXPECT_EQ(!resumed.empty() && resumed.back() && last != "refused", r.resumes);
    clock.advance(std::chrono::system_clock::now() - clock.system());
  }
}

TEST_P(client_certificates, are_looked_at_again_after_a_day_of_renewed_tickets) {
  tls_client first(door->local(), with(&good));
  ASSERT_EQ(come(first), "CN=good");
  resumed.clear();
  std::shared_ptr<SSL_SESSION> session = first.session;
  for (int i = 0; i < 6; ++i) {
    clock.advance(hours{5});
    tls_client next(door->local(), with(&good, nullptr, session.get()));
    ASSERT_EQ(come(next), "CN=good");
    keep_session(session, next);
  }
  EXPECT_THAT(resumed, ElementsAre(true, true, true, true, false, true));
}

INSTANTIATE_TEST_SUITE_P(both, client_certificates,
                         ::testing::Values(version{"v12", TLS1_2_VERSION}, version{"v13", TLS1_3_VERSION}),
                         [](const auto& one) { return one.param.name; });

class client_identity : public tls_test {};

TEST_F(client_identity, is_read_once_and_bounded) {
  const made_certificate ca = make_certificate({.name = "ca", .names = "", .authority = true});
  files.write("ca.pem", ca.pem());
  server = make(nullptr, "required", {"ca.pem"});
  const made_certificate notes = make_certificate(
      {.name = "notes",
       .names = "DNS:notes.internal,URI:spiffe://example/notes,email:ops@example.com,IP:10.0.0.1",
       .issuer = &ca,
       .organisation = "Example"});
  tls_client c(door->local(), {.server_name = "a.example", .certificate = &notes});
  ASSERT_TRUE(connected(c)) << c.error;
  const client_certificate* const known = channels[0]->client;
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->subject, "CN=notes,O=Example");
  EXPECT_THAT(known->dns_names, ElementsAre("notes.internal"));
  EXPECT_THAT(known->uris, ElementsAre("spiffe://example/notes"));
  EXPECT_THAT(known->emails, ElementsAre("ops@example.com"));
  EXPECT_EQ(known->fingerprint.size(), 64U);
  EXPECT_EQ(known->fingerprint.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_FALSE(known->serial.empty());
  EXPECT_GT(known->not_after, std::chrono::system_clock::now());

  // RFC 9440 section 2.2: the DER between colons, in base64. It is the certificate that was shown.
  ASSERT_TRUE(known->field_value.starts_with(':') && known->field_value.ends_with(':'));
  const std::string base64 = known->field_value.substr(1, known->field_value.size() - 2);
  std::string der(base64.size(), '\0');
  ASSERT_GT(EVP_DecodeBlock(reinterpret_cast<unsigned char*>(der.data()),
                            reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size())),
            0);
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const x509_ptr back(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(X509_cmp(back.get(), notes.certificate.get()), 0);
}

TEST_F(client_identity, lives_as_long_as_its_channel) {
  const made_certificate ca = make_certificate({.name = "ca", .names = "", .authority = true});
  files.write("ca.pem", ca.pem());
  server = make(nullptr, "required", {"ca.pem"});
  const made_certificate a = make_certificate({.name = "a", .issuer = &ca});
  {
    tls_client c(door->local(), {.server_name = "a.example", .certificate = &a});
    ASSERT_TRUE(connected(c)) << c.error;
    handshakes.clear();
    near.connection.reset();
    server.reset();
  }
  EXPECT_EQ(channels[0]->client->subject, "CN=a");
}

}  // namespace
}  // namespace gatehouse::net_test
