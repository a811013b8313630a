// Signed tokens: spec/browser_hardening.md section 3e, and the rows about tokens of 3f.
#include <gatehouse/rules/csrf_token.hpp>

#include <set>

#include <gtest/gtest.h>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

const std::string first = "kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe";
const std::string second = "Zq8T+fW1oV6uR4yKx0nPj3bM7cLd9sHe";
constexpr std::string_view session = "the-session-of-ada";

csrf_keyring ring(std::vector<std::string> keys) {
  auto made = csrf_keyring::make(std::move(keys));
  if (!made) std::abort();
  return *std::move(made);
}

std::string token_of(std::vector<std::string> keys, std::string_view id = session, std::uint64_t seed = 1) {
  seeded_random random{seed};
  return ring(std::move(keys)).issue(id, random);
}

TEST(csrf_token_test, is_of_the_documented_form) {
  // Of another implementation (Python's hmac and base64), so that the form cannot change unnoticed: tokens outlive a
  // restart. Its random bytes are all 7.
  class sevens final : public random_source {
   public:
    void fill(std::span<std::uint8_t> out) noexcept override { std::ranges::fill(out, std::uint8_t{7}); }
  } random;
  EXPECT_EQ(ring({first}).issue(session, random),
            "AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHeQ2LubSv0clVWZ_8lBAD39FqvARy7WaJEp86wCj5HCE");
}

TEST(csrf_token_test, differs_each_time) {
  std::set<std::string> seen;
  seeded_random random{1};
  const csrf_keyring keys = ring({first});
  for (int i = 0; i < 100; ++i) {
    const std::string token = keys.issue(session, random);
    EXPECT_EQ(token.size(), csrf_token_size);
    EXPECT_TRUE(keys.verify(token, session));
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 100U);
}

struct row {
  const char* name;
  std::vector<std::string> issued_by;
  std::vector<std::string> asked;
  std::string_view id = session;
  bool verifies;
};
TEST(csrf_token_test, verifies_every_row) {
  const row rows[] = {
      {.name = "its own key", .issued_by = {first}, .asked = {first}, .verifies = true},
      {.name = "another key", .issued_by = {first}, .asked = {second}, .verifies = false},
      {.name = "the old key while it is the second", .issued_by = {first}, .asked = {second, first}, .verifies = true},
      {.name = "the old key when it is gone", .issued_by = {first}, .asked = {second}, .verifies = false},
      {.name = "the first key issues", .issued_by = {second, first}, .asked = {second}, .verifies = true},
      {.name = "and not the second", .issued_by = {second, first}, .asked = {first}, .verifies = false},
      {.name = "the token of another session",
       .issued_by = {first},
       .asked = {first},
       .id = "the-session-of-eve",
       .verifies = false},
      {.name = "a session that begins like it",
       .issued_by = {first},
       .asked = {first},
       .id = "the-session-of-ad",
       .verifies = false},
      {.name = "nobody's session", .issued_by = {first}, .asked = {first}, .id = "", .verifies = false},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(ring(r.asked).verify(token_of(r.issued_by), r.id), r.verifies);
  }
}

TEST(csrf_token_test, nothing_but_the_token_itself_verifies) {
  const csrf_keyring keys = ring({first});
  const std::string token = token_of({first});
  const std::pair<const char*, std::string> rows[] = {
      {"nothing", ""},
      {"an extra suffix", token + "A"},
      {"an extra suffix behind a dot", token + ".A"},
      {"padding", token + "="},
      {"a space in front", " " + token},
      {"a space for its first character", " " + token.substr(1)},
      {"a line end for its last", token.substr(0, csrf_token_size - 1) + "\n"},
      {"a character less", token.substr(0, csrf_token_size - 1)},
      {"two tokens", token + token},
      {"quotes", "\"" + token + "\""},
      {"the other alphabet's plus", "+" + token.substr(1)},
      {"zeros", std::string(csrf_token_size, 'A')},
      {"a NUL", std::string(1, '\0') + token.substr(1)},
  };
  for (const auto& [name, text] : rows) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(keys.verify(text, session));
  }
}

TEST(csrf_token_test, no_other_character_at_any_place_verifies) {
  const csrf_keyring keys = ring({first});
  const std::string token = token_of({first});
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::size_t verified = 0;
  // The last character's spare bits among them: three other texts of the same bytes.
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const char c : alphabet) {
      std::string other = token;
      other[at] = c;
      verified += keys.verify(other, session) ? 1U : 0U;
      EXPECT_EQ(keys.verify(other, session), other == token) << at << ' ' << c;
    }
  }
  EXPECT_EQ(verified, csrf_token_size);
}

TEST(csrf_token_test, says_what_is_wrong_with_keys) {
  struct wrong {
    const char* name;
    std::vector<std::string> keys;
    std::vector<std::string> said;  // key|value|code|suggestion: never the key's text
  };
  const std::string better = "what `openssl rand -base64 32` prints";
  const wrong wrongs[] = {
      {"two that are good", {first, second}, {}},
      {"hexadecimal", {"8f1d0c7be2a94356b0c1d2e3f4a59687"}, {}},
      {"none", {}, {"csrf.token_keys||empty|" + better}},
      {"short by a byte", {first.substr(1)}, {"csrf.token_keys[0]||short-key|" + better}},
      {"an empty one", {first, ""}, {"csrf.token_keys[1]||short-key|" + better}},
      {"all the same", {std::string(40, 'a')}, {"csrf.token_keys[0]||weak-key|" + better}},
      {"digits in a row, twice", {"0123456789abcdef0123456789abcdef"}, {"csrf.token_keys[0]||weak-key|" + better}},
      {"a pattern that is cut off", {"abcdefghijklmabcdefghijklmabcdef"}, {"csrf.token_keys[0]||weak-key|" + better}},
      {"seven bytes", {"abcdefggabcdegfgabcedfggbacdefggc"}, {"csrf.token_keys[0]||weak-key|" + better}},
      {"a placeholder", {"ChangeMe-ChangeMe-before-you-go-live"}, {"csrf.token_keys[0]||placeholder-key|" + better}},
      {"the example of the catalog",
       {"replace me: openssl rand -base64 32"},
       {"csrf.token_keys[0]||placeholder-key|" + better}},
      {"twice", {first, first}, {"csrf.token_keys[1]||duplicate|" + better}},
      {"all mistakes at once",
       {"short", first, std::string(40, 'a')},
       {"csrf.token_keys[0]||short-key|" + better, "csrf.token_keys[2]||weak-key|" + better}},
  };
  for (const wrong& w : wrongs) {
    SCOPED_TRACE(w.name);
    const auto made = csrf_keyring::make(w.keys);
    EXPECT_EQ(made ? std::vector<std::string>{} : test::summaries(made.error()), w.said);
  }
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= max_csrf_keys; ++i) many.push_back(first + std::to_string(i));
  ASSERT_FALSE(csrf_keyring::make(many));
  EXPECT_EQ(csrf_keyring::make(many).error().front().code, "too-many");
}

TEST(csrf_token_test, a_session_id_is_the_hash_of_its_cookie) {
  // FIPS 180-2 appendix B.1: SHA-256 of "abc".
  const std::string id = csrf_session_id("abc");
  ASSERT_EQ(id.size(), 32U);
  EXPECT_EQ(static_cast<unsigned char>(id.front()), 0xba);
  EXPECT_EQ(static_cast<unsigned char>(id.back()), 0xad);
}

TEST(csrf_token_test, random_ids_are_recognised) {
  seeded_random random{1};
  const std::string id = random_csrf_id(random);
  EXPECT_TRUE(is_random_csrf_id(id));
  EXPECT_NE(random_csrf_id(random), id);
  EXPECT_FALSE(is_random_csrf_id(id + "A"));
  EXPECT_FALSE(is_random_csrf_id("." + id.substr(1)));
  EXPECT_FALSE(is_random_csrf_id(""));
}

}  // namespace
}  // namespace gatehouse
