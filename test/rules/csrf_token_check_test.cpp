// The guard with token_keys: spec/browser_hardening.md section 3e, and the rows about tokens of 3f.
#include <gatehouse/rules/csrf.hpp>

#include <gmock/gmock.h>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::name_value;
using testing::Contains;
using testing::Not;
using testing::StartsWith;
using ground = csrf_verdict::ground;

const std::string key = "kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe";
const csrf_config tokens{.token_keys = {key}, .session_cookie = "session"};
const csrf_config required{
    .exempt = {"POST /saml/acs"}, .token_keys = {key}, .session_cookie = "session", .require_token = true};
const csrf_config no_cookie_named{.token_keys = {key}};
const csrf_config mapped{.token_keys = {key}, .session_cookie = "session", .session_cookie_is_mapped = true};
const csrf_config changing{.token_keys = {key}, .session_cookie = "session", .require_token = true, .unsafe_get = true};
const csrf_config trusting{.trusted_origins = {"https://trusted.example"}, .token_keys = {key}, .require_token = true};

std::unique_ptr<const csrf_policy> make(const csrf_config& c) {
  auto made = csrf_policy::make(c);
  if (!made) std::abort();
  return *std::move(made);
}

std::string token_for(std::string_view id, const std::string& with = key) {
  seeded_random random{1};
  return csrf_keyring::make({with})->issue(id, random);
}
std::string token_of(std::string_view session_cookie, const std::string& with = key) {
  return token_for(csrf_session_id(session_cookie), with);
}

const std::string id = "Bv8rQ2nXcT5yHk0sLw7eJd4gZp1mUf9aRo3iKxS6tGE";
const std::string ada = token_of("ada");
const std::string eve = token_of("eve");
const std::string nobody_yet = token_for(id);
const std::string of_another_key = token_of("ada", "Zq8T+fW1oV6uR4yKx0nPj3bM7cLd9sHe");
const std::string of_another_id = token_for("Av8rQ2nXcT5yHk0sLw7eJd4gZp1mUf9aRo3iKxS6tGE");
const std::string of_an_empty_session = token_of("");
const std::string of_a_chosen_id = token_for("x");
const std::string longer = ada + "A";
const std::string in_cookie = "session=ada; csrf_token=" + ada + "; X-CSRF-Token=" + ada;
const std::string pre_login = "__Host-gh-csrf=" + id;
const std::string both = "session=ada; __Host-gh-csrf=" + id;
const std::string emptied = "session=; __Host-gh-csrf=" + id;
const std::string two_ids = "__Host-gh-csrf=" + id + "; __Host-gh-csrf=" + id;

const name_value as_ada{"Cookie", "session=ada"};
const name_value same_origin{"Sec-Fetch-Site", "same-origin"};
const name_value form{"Content-Type", "application/x-www-form-urlencoded"};
name_value token(const std::string& text) { return {"X-CSRF-Token", text}; }

struct asked {
  std::string_view method = "POST";
  std::vector<name_value> lines{};
  std::string_view path = "/";
  std::string_view query{};
  bool upgrade = false;
  body_framing framing{};
};
constexpr reason no_token = reason::csrf_token;
constexpr reason cross = reason::csrf_cross_origin;  // nothing of tokens: another's page cannot have one
constexpr reason socket = reason::csrf_websocket_origin;
struct row {
  const char* name;
  const csrf_config& policy;
  asked request;
  ground on;
  reason why = reason::none;
  bool may_be_in_form = false;
  origin_standing standing = origin_standing::unlisted;
  bool client_certificate = false;
};

asked post(std::vector<name_value> lines) { return {.lines = std::move(lines)}; }
asked form_of(std::uint64_t length, std::vector<name_value> lines = {as_ada, form}) {
  return {.lines = std::move(lines), .framing = {.how = body_framing::kind::length, .length = length}};
}

const row rows[] = {
    // ------------------------------------------------------------ nothing says where it comes from
    {"a program that acts as nobody", tokens, post({{"Authorization", "Bearer x"}}), ground::no_browser},
    {"as somebody, without a token", tokens, post({as_ada}), ground::refused, no_token},
    {"with its token", tokens, post({as_ada, token(ada)}), ground::token},
    {"with the token of another session", tokens, post({as_ada, token(eve)}), ground::refused, no_token},
    {"with a token of another key", tokens, post({as_ada, token(of_another_key)}), ground::refused, no_token},
    {"with an extra suffix", tokens, post({as_ada, token(longer)}), ground::refused, no_token},
    {"two tokens, one of them good", tokens, post({as_ada, token(ada), token(eve)}), ground::refused, no_token},
    {"an empty token", tokens, post({as_ada, {"X-CSRF-Token", ""}}), ground::refused, no_token},
    {"a token in a cookie is no proof", tokens, post({{"Cookie", in_cookie}}), ground::refused, no_token},
    {"nor in the query",
     tokens,
     {.lines = {as_ada}, .query = std::string_view{"csrf_token=x"}},
     ground::refused,
     no_token},
    {"our own Referer does not do any more", tokens, post({as_ada, {"Referer", "https://api.example.com/"}}),
     ground::refused, no_token},
    {"a read", tokens, {.method = "GET", .lines = {as_ada}}, ground::safe_method},
    {"a client certificate and no session", tokens, post({}), ground::refused, no_token, false,
     origin_standing::unlisted, true},
    {"Basic with an id of ours", tokens,
     post({{"Authorization", "Basic eA=="}, {"Cookie", pre_login}, token(nobody_yet)}), ground::token},
    {"a page that says where it comes from needs none", tokens, post({as_ada, same_origin}), ground::same_origin},
    // ------------------------------------------------------------ whose token it is
    {"cookie tossing: two session cookies, one of them of who made the token", tokens,
     post({{"Cookie", "session=eve; session=ada"}, token(eve)}), ground::refused, no_token},
    {"the same in two lines", tokens, post({{"Cookie", "session=eve"}, as_ada, token(eve)}), ground::refused, no_token},
    {"before login", tokens, post({{"Cookie", pre_login}, token(nobody_yet)}), ground::token},
    {"login CSRF: the token of the attacker's own id", tokens, post({{"Cookie", pre_login}, token(of_another_id)}),
     ground::refused, no_token},
    {"after login the token of before does not do", tokens, post({{"Cookie", both}, token(nobody_yet)}),
     ground::refused, no_token},
    {"a session that was emptied is none", tokens, post({{"Cookie", emptied}, token(nobody_yet)}), ground::token},
    {"and its hash is nobody's", tokens, post({{"Cookie", "session="}, token(of_an_empty_session)}), ground::refused,
     no_token},
    {"two ids", tokens, post({{"Cookie", two_ids}, token(nobody_yet)}), ground::refused, no_token},
    {"an id that is none of ours", tokens, post({{"Cookie", "__Host-gh-csrf=x"}, token(of_a_chosen_id)}),
     ground::refused, no_token},
    {"a cookie of another name", tokens, post({{"Cookie", "Session=ada"}, token(ada)}), ground::refused, no_token},
    {"no session cookie is named: the id counts", no_cookie_named, post({{"Cookie", both}, token(nobody_yet)}),
     ground::token},
    {"a mapped one", mapped, post({{"Cookie", "__Host-session=ada; session=eve"}, token(ada)}), ground::token},
    {"and not what a sibling may have set", mapped, post({{"Cookie", "session=eve"}, token(eve)}), ground::refused,
     no_token},
    // ------------------------------------------------------------ a token opens nothing else
    {"another site's page", tokens, post({as_ada, token(ada), {"Sec-Fetch-Site", "cross-site"}}), ground::refused,
     cross},
    {"another site's page, of an old browser", tokens, post({as_ada, token(ada), {"Origin", "https://evil.net"}}),
     ground::refused, cross},
    {"a sandboxed frame", required, post({as_ada, token(ada), {"Origin", "null"}}), ground::refused, cross},
    {"login CSRF: another site's page without a cookie", required, post({{"Origin", "https://evil.net"}}),
     ground::refused, cross},
    {"a handshake without Origin",
     tokens,
     {.method = "GET", .lines = {as_ada, token(ada)}, .upgrade = true},
     ground::refused,
     socket},
    // ------------------------------------------------------------ require_token
    {"required: own page without", required, post({as_ada, same_origin}), ground::refused, no_token},
    {"required: own page with", required, post({as_ada, same_origin, token(ada)}), ground::token},
    {"required: own Origin without", required, post({as_ada, {"Origin", "https://api.example.com"}}), ground::refused,
     no_token},
    {"required: what the user opened", required, post({as_ada, {"Sec-Fetch-Site", "none"}}), ground::refused, no_token},
    {"required: own page that acts as nobody", required, post({same_origin}), ground::same_origin},
    {"required: a read", required, {.method = "GET", .lines = {as_ada, same_origin}}, ground::safe_method},
    {"required: a read that changes something",
     changing,
     {.method = "GET", .lines = {as_ada, same_origin}},
     ground::refused,
     no_token},
    {"required: exempt, own page", required, {.lines = {as_ada, same_origin}, .path = "/saml/acs"}, ground::exempt},
    {"required: exempt, nothing said", required, {.lines = {as_ada}, .path = "/saml/acs"}, ground::exempt},
    {"required: a listed page has none", required,
     post({as_ada, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://app.example.com"}}), ground::listed,
     reason::none, false, origin_standing::listed_with_credentials},
    {"required: nor has a trusted one", trusting,
     post({as_ada, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://trusted.example"}}), ground::trusted},
    {"required: own handshake, which cannot have one",
     required,
     {.method = "GET", .lines = {as_ada, {"Origin", "https://api.example.com"}}, .upgrade = true},
     ground::same_origin},
    // ------------------------------------------------------------ where a form may have it
    {"a form", tokens, form_of(100), ground::refused, no_token, true},
    {"a form of the longest length", tokens, form_of(max_csrf_form_bytes), ground::refused, no_token, true},
    {"a longer one", tokens, form_of(max_csrf_form_bytes + 1), ground::refused, no_token},
    {"an empty one", tokens, form_of(0), ground::refused, no_token},
    {"one whose length is not known",
     tokens,
     {.lines = {as_ada, form}, .framing = {.how = body_framing::kind::chunked}},
     ground::refused,
     no_token},
    {"with a charset", tokens,
     form_of(9, {as_ada, {"Content-Type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8"}}), ground::refused,
     no_token, true},
    {"a compressed one", tokens, form_of(9, {as_ada, form, {"Content-Encoding", "gzip"}}), ground::refused, no_token},
    {"JSON", tokens, form_of(9, {as_ada, {"Content-Type", "application/json"}}), ground::refused, no_token},
    {"multipart", tokens, form_of(9, {as_ada, {"Content-Type", "multipart/form-data; boundary=a"}}), ground::refused,
     no_token},
    {"the field of a form does not help a wrong header", tokens, form_of(9, {as_ada, form, token(eve)}),
     ground::refused, no_token},
    {"PUT is no form",
     tokens,
     {.method = "PUT", .lines = {as_ada, form}, .framing = {.how = body_framing::kind::length, .length = 9}},
     ground::refused,
     no_token},
};

void put(const asked& a, exchange& e) {
  e.request.method_text = a.method;
  e.request.verb = parse_method(a.method);
  e.request.path = e.request.target = a.path;
  e.request.query = a.query;
  e.request.upgrade_websocket = a.upgrade;
  e.request.framing = a.framing;
  e.client_secure = true;
  for (const auto& [name, value] : a.lines) {
    EXPECT_TRUE(e.request.fields.append(find_field(name), name, value).has_value());
  }
}

TEST(csrf_token_check_test, decides_every_row) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    test::test_exchange x;
    put(r.request, x.e);
    const csrf_verdict v = make(r.policy)->check(
        x.e.request, {.secure = true, .client_certificate = r.client_certificate, .standing = r.standing});
    EXPECT_EQ(v.on, r.on);
    EXPECT_EQ(v.form_may_have_token, r.may_be_in_form);
    EXPECT_EQ(v.why, r.why);
  }
}

TEST(csrf_token_check_test, finds_the_token_of_a_form) {
  const auto policy = make(tokens);
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "a=1&";
  const std::pair<const char*, std::pair<std::string, bool>> forms[] = {
      {"alone", {"csrf_token=" + ada, true}},
      {"between others", {"title=a+b%26&csrf_token=" + ada + "&done=1", true}},
      {"nothing", {"", false}},
      {"another field", {"token=" + ada, false}},
      {"in capitals", {"CSRF_TOKEN=" + ada, false}},
      {"twice", {"csrf_token=" + ada + "&csrf_token=" + ada, false}},
      {"of another session", {"csrf_token=" + eve, false}},
      {"with a suffix", {"csrf_token=" + ada + "A", false}},
      {"escaped, as no browser does", {"csrf_token=%41" + ada.substr(1), false}},
      {"as a name", {ada, false}},
      {"more fields than anybody has", {many + "csrf_token=" + ada, false}},
  };
  for (const auto& [name, posted] : forms) {
    SCOPED_TRACE(name);
    test::test_exchange x;
    put(post({as_ada}), x.e);
    const csrf_verdict v = policy->check_form(x.e.request, true, posted.first);
    EXPECT_EQ(v.on, posted.second ? ground::token : ground::refused);
    EXPECT_EQ(v.why, posted.second ? reason::none : reason::csrf_token);
  }
}

TEST(csrf_token_check_test, asks_for_a_form_and_goes_on) {
  const auto policy = test::make_policy(test::standard_set_with(csrf_guard(tokens)));
  for (const auto& [content, wanted] :
       {std::pair{"csrf_token=" + ada, step::kind::pass}, std::pair{"csrf_token=" + eve, step::kind::refuse}}) {
    SCOPED_TRACE(content);
    test::test_exchange x;
    put(form_of(content.size()), x.e);
    std::size_t at = 0;
    const step first = policy->request(x.e, at);
    ASSERT_EQ(first.what(), step::kind::need_body);
    EXPECT_EQ(first.body_limit(), max_csrf_form_bytes);
    const step then = policy->body(x.e, at, content);
    EXPECT_EQ(then.what(), wanted);
    EXPECT_EQ(then.why(), wanted == step::kind::pass ? reason::none : reason::csrf_token);
    response_head head;
    head.status(then.what() == step::kind::pass ? status::ok : status::forbidden);
    (void)policy->finalise(x.e, head);
    const auto vary = Contains(StartsWith("vary: Sec-Fetch-Site"));
    if (wanted == step::kind::pass) {
      EXPECT_THAT(test::sent_fields(head), Not(vary));
    } else {
      EXPECT_THAT(test::sent_fields(head), vary);
    }
  }
}

TEST(csrf_token_check_test, only_watches_where_it_is_told_to) {
  csrf_config watching = required;
  watching.report_only = true;
  const auto policy = test::make_policy(test::standard_set_with(csrf_guard(watching)));
  test::test_exchange x;
  put(post({as_ada, same_origin}), x.e);
  std::size_t at = 0;
  EXPECT_EQ(policy->request(x.e, at).what(), step::kind::pass);
  EXPECT_EQ(x.e.would_refuse, reason::csrf_token);
}

TEST(csrf_token_check_test, issues_to_own_pages_only) {
  struct issue {
    const char* name;
    std::vector<name_value> lines;
    reason why = reason::none;
    bool sets_id = false;
  };
  const issue issues[] = {
      {"own page", {as_ada, same_origin}},
      {"own page, and says its Origin", {as_ada, same_origin, {"Origin", "https://api.example.com"}}},
      {"a program, or a browser of before 2020", {as_ada}},
      {"own page of such a browser", {as_ada, {"Origin", "https://api.example.com"}}},
      {"nobody yet", {same_origin}, reason::none, true},
      {"nobody yet, with an id", {same_origin, {"Cookie", pre_login}}},
      {"with an id that is none of ours", {same_origin, {"Cookie", "__Host-gh-csrf=x"}}, reason::none, true},
      {"two sessions", {same_origin, {"Cookie", "session=ada; session=eve"}}, reason::csrf_token},
      {"a sibling's page", {as_ada, {"Sec-Fetch-Site", "same-site"}}, reason::csrf_cross_origin},
      {"another site's page", {as_ada, {"Sec-Fetch-Site", "cross-site"}}, reason::csrf_cross_origin},
      {"the same of an old browser", {as_ada, {"Origin", "https://evil.net"}}, reason::csrf_cross_origin},
      {"a sandboxed frame", {as_ada, {"Origin", "null"}}, reason::csrf_cross_origin},
      {"own request that went through another origin",
       {as_ada, same_origin, {"Origin", "null"}},
       reason::csrf_cross_origin},
      {"typed by the user, where no page reads it", {as_ada, {"Sec-Fetch-Site", "none"}}, reason::csrf_cross_origin},
      {"two Origins",
       {as_ada, {"Origin", "https://api.example.com"}, {"Origin", "https://evil.net"}},
       reason::csrf_cross_origin},
  };
  const auto policy = make(tokens);
  EXPECT_TRUE(policy->issues_tokens());
  for (const issue& i : issues) {
    SCOPED_TRACE(i.name);
    test::test_exchange x;
    put({.method = "GET", .lines = i.lines}, x.e);
    const auto made = policy->issue_token(x.e.request, true, x.random);
    EXPECT_EQ(made ? reason::none : made.error().why, i.why);
    if (!made) continue;
    EXPECT_EQ(!made->new_id.empty(), i.sets_id);
    // And it is taken from who has that cookie.
    std::vector<name_value> lines = i.lines;
    const std::string set = "__Host-gh-csrf=" + made->new_id;
    if (i.sets_id) lines = {{"Cookie", set}};
    std::erase_if(lines, [](const name_value& l) { return l.first == "Origin" || l.first == "Sec-Fetch-Site"; });
    lines.emplace_back("X-CSRF-Token", made->token);
    test::test_exchange y;
    put(post(lines), y.e);
    EXPECT_EQ(policy->check(y.e.request, {.secure = true}).on, ground::token);
  }
  const auto without = make({});
  EXPECT_FALSE(without->issues_tokens());
  test::test_exchange x;
  EXPECT_FALSE(without->issue_token(x.e.request, true, x.random).has_value());
}

TEST(csrf_token_check_test, keys_are_rotated_without_anybody_noticing) {
  const std::string newer = "Zq8T+fW1oV6uR4yKx0nPj3bM7cLd9sHe";
  const std::pair<std::vector<std::string>, ground> rings[] = {
      {{key}, ground::token}, {{newer, key}, ground::token}, {{newer}, ground::refused}};
  for (const auto& [keys, on] : rings) {
    test::test_exchange x;
    put(post({as_ada, token(ada)}), x.e);
    EXPECT_EQ(make({.token_keys = keys, .session_cookie = "session"})->check(x.e.request, {.secure = true}).on, on);
  }
}

TEST(csrf_token_check_test, says_what_is_wrong) {
  struct wrong {
    const char* name;
    csrf_config config;
    std::vector<std::string> said;  // key|value|code|suggestion
  };
  const std::string keys = "token_keys = [\"${CSRF_KEY}\"] in [csrf]";
  const wrong wrongs[] = {
      {"all there is", required, {}},
      {"strict says the same again", {.strict = true, .token_keys = {key}}, {}},
      {"tokens that nobody can have", {.require_token = true}, {"csrf.require_token|true|needs-keys|" + keys}},
      {"a session without tokens", {.session_cookie = "sid"}, {"csrf.session_cookie|sid|needs-keys|" + keys}},
      {"no name of a cookie",
       {.token_keys = {key}, .session_cookie = "a b"},
       {"csrf.session_cookie|a b|not-a-cookie|"}},
      {"a field that nothing would ask for",
       {.strict = true, .strict_header = "X-Requested-With", .token_keys = {key}},
       {"csrf.strict_header|X-Requested-With|token-instead|leave it out"}},
      {"a field and no strict",
       {.strict_header = "X-Requested-With", .token_keys = {key}},
       {"csrf.strict_header|X-Requested-With|token-instead|leave it out"}},
      {"a short key, whose text is not repeated",
       {.token_keys = {"hunter2"}},
       {"csrf.token_keys[0]||short-key|what `openssl rand -base64 32` prints"}},
  };
  for (const wrong& w : wrongs) {
    SCOPED_TRACE(w.name);
    const auto made = csrf_policy::make(w.config);
    EXPECT_EQ(made ? std::vector<std::string>{} : test::summaries(made.error()), w.said);
  }
}

}  // namespace
}  // namespace gatehouse
