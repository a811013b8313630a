// What is said about certificates and keys that cannot be served, or should not: one clear message each.
#include <algorithm>

#include <gatehouse/base/limits.hpp>

#include "tls_kit.hpp"

namespace gatehouse::net_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> codes(const config_errors& all) {
  std::vector<std::string> out;
  for (const config_error& e : all) out.push_back(e.key + ' ' + e.value + ' ' + e.code);
  return out;
}

struct judged {
  std::vector<std::string> errors{};
  std::vector<std::string> doubts{};
};
judged judge(tls_config c, const test_folder& in) {
  c.folder = in.path();
  config_errors doubts;
  const auto made = tls_server::make(c, std::chrono::system_clock::now(), doubts);
  return {made ? std::vector<std::string>{} : codes(made.error()), codes(doubts)};
}

TEST(tls_certificates, are_judged_one_by_one) {
  const made_certificate root = make_certificate({.name = "root", .names = "", .authority = true});
  const made_certificate other = make_certificate({.name = "other", .names = "", .authority = true});
  struct row {
    const char* name;
    certificate_wish wish;
    std::vector<std::string> errors{};
    std::vector<std::string> doubts{};
  };
  const row rows[] = {
      {"good", {.issuer = &root}},
      {"good, RSA", {.rsa_bits = 2048, .issuer = &root}},
      {"signs itself", {}},
      {"expired",
       {.begins_days = -30, .ends_days = -1, .issuer = &root},
       {"tls.certificate c.pem certificate-expired"}},
      {"not yet", {.begins_days = 2, .issuer = &root}, {"tls.certificate c.pem certificate-not-yet-valid"}},
      {"soon expired", {.ends_days = 13, .issuer = &root}, {}, {"tls.certificate c.pem certificate-expires"}},
      {"without names", {.names = "", .issuer = &root}, {"tls.certificate c.pem certificate-without-names"}},
      {"only names that nobody asks for",
       {.names = "DNS:*.com,DNS:a*.example", .issuer = &root},
       {"tls.certificate c.pem certificate-without-names"}},
      {"a small key", {.rsa_bits = 1024, .issuer = &root}, {"tls.key c.key key-too-small"}},
      {"SHA-1", {.digest = EVP_sha1(), .issuer = &root}, {"tls.certificate c.pem certificate-weakly-signed"}},
      {"of another issuer", {.issuer = &other}, {"tls.certificate c.pem chain-out-of-order"}},
      {"years", {.ends_days = 800, .issuer = &root}, {}, {"tls.certificate c.pem certificate-long-lived"}},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const test_folder files;
    const made_certificate made = make_certificate(r.wish);
    files.write("c.pem", made.pem() + (r.wish.issuer == nullptr ? "" : root.pem()));
    files.write("c.key", made.key_pem());
    const judged j = judge({.certificate = {"c.pem"}, .key = {"c.key"}}, files);
    EXPECT_EQ(j.errors, r.errors);
    EXPECT_EQ(j.doubts, r.doubts);
  }
}

class files_of_tls : public ::testing::Test {
 protected:
  files_of_tls() {
    files.write("a.pem", a.pem());
    files.write("a.key", a.key_pem());
    files.write("b.pem", b.pem());
    files.write("b.key", b.key_pem());
    files.write("text", "no certificate\n");
    files.write("locked.key", a.key_pem("secret"));
    files.write("public.key", a.key_pem(), 0644);
    files.write("large", std::string(1024 * 1024 + 1, 'x'));
  }
  made_certificate a = make_certificate({});
  made_certificate b = make_certificate({.name = "b", .names = "DNS:b.example", .rsa_bits = 2048});
  test_folder files;
};

TEST_F(files_of_tls, are_judged_all_at_once) {
  struct row {
    const char* name;
    tls_config config;
    std::vector<std::string> errors{};
    std::vector<std::string> doubts{};
  };
  const row rows[] = {
      {"good", {.certificate = {"a.pem"}, .key = {"a.key"}}},
      {"two", {.certificate = {"a.pem", "b.pem"}, .key = {"a.key", "b.key"}}},
      {"no file",
       {.certificate = {"no.pem"}, .key = {"no.key"}},
       {"tls.certificate no.pem cannot-read", "tls.key no.key cannot-read"}},
      {"a folder", {.certificate = {"."}, .key = {"a.key"}}, {"tls.certificate . cannot-read"}},
      {"too large", {.certificate = {"large"}, .key = {"a.key"}}, {"tls.certificate large cannot-read"}},
      {"text",
       {.certificate = {"text"}, .key = {"text"}},
       {"tls.certificate text not-a-certificate", "tls.key text not-a-key"}},
      {"swapped",
       {.certificate = {"a.key"}, .key = {"a.pem"}},
       {"tls.certificate a.key not-a-certificate", "tls.key a.pem not-a-key"}},
      {"another's key", {.certificate = {"a.pem"}, .key = {"b.key"}}, {"tls.key b.key key-mismatch"}},
      {"locked", {.certificate = {"a.pem"}, .key = {"locked.key"}}, {"tls.key locked.key key-is-encrypted"}},
      {"for everybody", {.certificate = {"a.pem"}, .key = {"public.key"}}, {"tls.key public.key key-is-readable"}},
      {"all of both",
       {.certificate = {"no.pem", "b.pem"}, .key = {"a.key", "a.key"}},
       {"tls.certificate no.pem cannot-read", "tls.key a.key key-mismatch"}},
      {"no key", {.certificate = {"a.pem"}}, {"tls.key  missing"}},
      {"no certificate", {.key = {"a.key"}}, {"tls.certificate  missing"}},
      {"one key of two", {.certificate = {"a.pem", "b.pem"}, .key = {"a.key"}}, {"tls.key  not-in-pairs"}},
      {"one twice",
       {.certificate = {"a.pem", "a.pem"}, .key = {"a.key", "a.key"}},
       {},
       {"tls.certificate a.pem certificate-hidden"}},
      {"modern", {.certificate = {"a.pem"}, .key = {"a.key"}, .profile = "modern"}},
      {"modern with RSA",
       {.certificate = {"b.pem"}, .key = {"b.key"}, .profile = "modern"},
       {"tls.certificate b.pem profile-needs-ecdsa"}},
      {"no such profile",
       {.certificate = {"a.pem"}, .key = {"a.key"}, .profile = "old"},
       {"tls.profile old unknown-profile"}},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const judged j = judge(r.config, files);
    EXPECT_EQ(j.errors, r.errors);
    EXPECT_EQ(j.doubts, r.doubts);
  }
}

TEST_F(files_of_tls, say_what_they_are_for) {
  config_errors doubts;
  const auto made = tls_server::make(
      {.certificate = {"a.pem", "b.pem"}, .key = {"a.key", "b.key"}, .folder = files.path()},
      std::chrono::system_clock::now(), doubts);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE((*made)->covers("a.example"));
  EXPECT_TRUE((*made)->covers("b.example"));
  EXPECT_FALSE((*made)->covers("c.example"));
  const auto left = (*made)->certificates()[0].not_after - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::hours{59 * 24});
  EXPECT_LT(left, std::chrono::hours{61 * 24});
  EXPECT_FALSE((*made)->certificates()[0].development);
}

TEST(tls_client_authorities, are_judged_before_anything_starts) {
  const test_folder files;
  const made_certificate own = make_certificate({});
  files.write("a.pem", own.pem());
  files.write("a.key", own.key_pem());
  const made_certificate ca = make_certificate({.name = "ca", .names = "", .authority = true});
  const made_certificate next = make_certificate({.name = "next", .names = "", .authority = true});
  const made_certificate old = make_certificate(
      {.name = "old", .names = "", .begins_days = -9, .ends_days = -1, .authority = true});
  const made_certificate ending = make_certificate({.name = "ending", .names = "", .ends_days = 5, .authority = true});
  const made_certificate coming = make_certificate(
      {.name = "coming", .names = "", .begins_days = 2, .authority = true});
  const made_certificate small = make_certificate({.name = "small", .names = "", .rsa_bits = 1024, .authority = true});
  files.write("ca.pem", ca.pem());
  files.write("two.pem", ca.pem() + next.pem());
  files.write("one-of-two.pem", ca.pem() + old.pem());
  files.write("old.pem", old.pem());
  files.write("ending.pem", ending.pem());
  files.write("coming.pem", coming.pem());
  files.write("small.pem", small.pem());
  files.write("text", "no certificate");
  std::string many;
  for (std::size_t i = 0; i <= max_client_authorities; ++i) many += ca.pem();
  files.write("many.pem", many);
  struct row {
    const char* name;
    const char* demand;
    std::vector<std::string> files;
    std::vector<std::string> errors{};
    std::vector<std::string> doubts{};
  };
  const row rows[] = {
      {"none", "none", {}},
      {"required", "required", {"ca.pem"}},
      {"optional, two in one file", "optional", {"two.pem"}},
      {"two files", "required", {"ca.pem", "two.pem"}},
      {"no such word", "yes", {"ca.pem"}, {"tls.client_certificate yes unknown-choice"}},
      {"of nobody", "required", {}, {"tls.client_certificate required missing"}},
      {"nobody is asked", "none", {"ca.pem"}, {"tls.client_ca ca.pem not-asked-for"}},
      {"no file", "required", {"no.pem"}, {"tls.client_ca no.pem cannot-read"}},
      {"no certificate", "required", {"text"}, {"tls.client_ca text not-a-certificate"}},
      {"a key", "required", {"a.key"}, {"tls.client_ca a.key not-a-certificate"}},
      {"no authority", "required", {"a.pem"}, {"tls.client_ca a.pem not-an-authority"}},
      {"expired", "required", {"old.pem"}, {"tls.client_ca old.pem certificate-expired"}},
      {"one expired", "required", {"one-of-two.pem"}, {"tls.client_ca one-of-two.pem certificate-expired"}},
      {"soon expired", "required", {"ending.pem"}, {}, {"tls.client_ca ending.pem certificate-expires"}},
      {"not yet", "required", {"coming.pem"}, {"tls.client_ca coming.pem certificate-not-yet-valid"}},
      {"a small key", "required", {"small.pem"}, {"tls.client_ca small.pem key-too-small"}},
      {"all mistakes",
       "required",
       {"no.pem", "a.pem"},
       {"tls.client_ca no.pem cannot-read", "tls.client_ca a.pem not-an-authority"}},
      {"more than a handshake should name", "required", {"many.pem"}, {"tls.client_ca  too-many"}},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const judged j = judge(
        {.certificate = {"a.pem"}, .key = {"a.key"}, .client_certificate = r.demand, .client_ca = r.files}, files);
    EXPECT_EQ(j.errors, r.errors);
    EXPECT_EQ(j.doubts, r.doubts);
  }
  const judged both = judge({.client_certificate = "required"}, files);
  EXPECT_THAT(both.errors, ElementsAre("tls.certificate  missing", "tls.client_certificate required missing"));
}

}  // namespace
}  // namespace gatehouse::net_test
