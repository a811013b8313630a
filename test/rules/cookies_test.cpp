#include <gatehouse/rules/cookies.hpp>

#include <gmock/gmock.h>

#include "malloc_counter.hpp"
#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::make_policy;
using test::summaries;
using testing::ElementsAre;

const cookies_config plain{};
const cookies_config listed{
    .readable_by_scripts = {"theme"}, .cross_site = {"saml"}, .upstream_hosts = {"api.internal"}};
const cookies_config mapping{.readable_by_scripts = {"seen"}, .map_to_host_prefix = {"session", "seen"}};
const cookies_config off{.dangerously_off = true};

/// The Set-Cookie lines that leave, of these of an upstream.
std::vector<std::string> hardened(const cookies_config& c, bool https, const std::vector<std::string>& lines,
                                  response_source source = response_source::upstream) {
  const auto rules = make_policy({cookies(c)});
  test::test_exchange x;
  x.e.client_secure = https;
  x.e.source = source;
  response_head head;
  for (const std::string& line : lines) EXPECT_TRUE(head.append(field::set_cookie, line));
  EXPECT_EQ(rules->finalise(x.e, head).what, body_plan::kind::keep);
  std::vector<std::string> out;
  head.fields().for_each(field::set_cookie, [&](std::string_view value) { out.emplace_back(value); });
  return out;
}

struct row {
  const char* name;
  std::string line;
  std::string want;
};

void expect_each(const cookies_config& c, bool https, std::initializer_list<row> rows) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_THAT(hardened(c, https, {r.line}), ElementsAre(r.want));
  }
}

TEST(cookies, get_what_they_lack_over_https) {
  expect_each(
      plain, true,
      {
          {"nothing there", "sid=1", "sid=1; Secure; HttpOnly; SameSite=Lax"},
          {"express-session's", "connect.sid=s%3Aa.b; Path=/; HttpOnly",
           "connect.sid=s%3Aa.b; Path=/; HttpOnly; Secure; SameSite=Lax"},
          {"all there", "sid=1; Secure; HttpOnly; SameSite=Lax", "sid=1; Secure; HttpOnly; SameSite=Lax"},
          {"only Secure lacks", "sid=1; HttpOnly; SameSite=Lax", "sid=1; HttpOnly; SameSite=Lax; Secure"},
          {"only HttpOnly lacks", "sid=1; Secure; SameSite=Lax", "sid=1; Secure; SameSite=Lax; HttpOnly"},
          {"only SameSite lacks", "sid=1; Secure; HttpOnly", "sid=1; Secure; HttpOnly; SameSite=Lax"},
          {"Strict is stronger", "sid=1; SameSite=Strict; Secure; HttpOnly",
           "sid=1; SameSite=Strict; Secure; HttpOnly"},
          {"None is somebody's choice, and needs Secure", "sid=1; SameSite=None; HttpOnly",
           "sid=1; SameSite=None; HttpOnly; Secure"},
          {"any case", "sid=1; secure; HTTPONLY; sameSITE=lax", "sid=1; secure; HTTPONLY; sameSITE=lax"},
          {"spaces", " sid = 1 ;secure;\thttponly ; samesite = strict",
           " sid = 1 ;secure;\thttponly ; samesite = strict"},
          {"what quotes seem to hide is an attribute, of another name", "sid=\"a b; Secure\"; HttpOnly",
           "sid=\"a b; Secure\"; HttpOnly; Secure; SameSite=Lax"},
          {"unknown attributes stay in their place", "sid=1; Priority=High; Path=/; x",
           "sid=1; Priority=High; Path=/; "
           "x; Secure; HttpOnly; SameSite=Lax"},
          {"empty attributes stay", "sid=1;; ;Path=/;", "sid=1;; ;Path=/;; Secure; HttpOnly; SameSite=Lax"},
          {"a value like an attribute", "sid=Secure", "sid=Secure; Secure; HttpOnly; SameSite=Lax"},
          {"an attribute that only begins like one", "sid=1; Secured; HttpOnlyX",
           "sid=1; Secured; HttpOnlyX; Secure; "
           "HttpOnly; SameSite=Lax"},
          {"Secure with a value is Secure", "sid=1; Secure=no; HttpOnly; SameSite=Lax",
           "sid=1; Secure=no; HttpOnly; "
           "SameSite=Lax"},
          {"Secure with a value of 1,025 bytes is none",
           "a=1; HttpOnly; SameSite=Lax; Secure=" + std::string(1025, 'x'),
           "a=1; HttpOnly; SameSite=Lax; Secure=" + std::string(1025, 'x') + "; Secure"},
          {"a word that is no SameSite goes", "sid=1; SameSite=Loose; Path=/; Secure; HttpOnly",
           "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax"},
          {"so does an empty one", "sid=1; SameSite; Secure; HttpOnly", "sid=1; Secure; HttpOnly; SameSite=Lax"},
          {"the last SameSite counts", "sid=1; SameSite=None; SameSite=Strict; Secure; HttpOnly",
           "sid=1; SameSite=None; SameSite=Strict; Secure; HttpOnly"},
          {"an unknown last one takes the others along", "sid=1; SameSite=None; SameSite=x; Secure; HttpOnly",
           "sid=1; Secure; HttpOnly; SameSite=Lax"},
          {"__Host- without Secure becomes valid", "__Host-a=1; Path=/",
           "__Host-a=1; Path=/; Secure; HttpOnly; "
           "SameSite=Lax"},
          {"Partitioned", "a=1; Partitioned; SameSite=None", "a=1; Partitioned; SameSite=None; Secure; HttpOnly"},
          {"one that is deleted", "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
           "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"},
          {"bytes above ASCII", "a=\xc3\xa4; Secure; HttpOnly", "a=\xc3\xa4; Secure; HttpOnly; SameSite=Lax"},
      });
}

TEST(cookies, over_plain_http_are_not_secure) {
  expect_each(plain, false,
              {
                  {"nothing there", "sid=1", "sid=1; HttpOnly; SameSite=Lax"},
                  {"Secure stays", "sid=1; Secure", "sid=1; Secure; HttpOnly; SameSite=Lax"},
                  {"None without Secure stays what it is", "sid=1; SameSite=None", "sid=1; SameSite=None; HttpOnly"},
              });
}

// Who ends TLS before us may speak HTTPS to us for a client that does not: Secure would lose the cookie.
TEST(cookies, are_secure_by_what_the_client_speaks) {
  const auto rules = make_policy({cookies()});
  test::test_exchange x;
  x.e.connection.secure = true;
  x.e.source = response_source::upstream;
  response_head head;
  test::add_lines(head, {{"Set-Cookie", "a=1"}});
  (void)rules->finalise(x.e, head);
  EXPECT_EQ(head.fields().get(field::set_cookie), "a=1; HttpOnly; SameSite=Lax");
}

TEST(cookies, that_scripts_read_get_no_http_only) {
  constexpr std::string_view tail = "; Secure; SameSite=Lax";
  for (const std::string name :
       {"XSRF-TOKEN", "csrftoken", "_csrf", "CSRF-Token", "__Host-csrf", "x-csrf-token", "myXsrf"}) {
    EXPECT_THAT(hardened(plain, true, {name + "=1"}), ElementsAre(name + "=1" + std::string{tail}));
  }
  expect_each(listed, true,
              {
                  {"a listed name", "theme=dark", "theme=dark; Secure; SameSite=Lax"},
                  {"in this case only", "Theme=dark", "Theme=dark; Secure; HttpOnly; SameSite=Lax"},
                  {"the whole name", "themes=dark", "themes=dark; Secure; HttpOnly; SameSite=Lax"},
                  {"who says HttpOnly means it", "theme=dark; HttpOnly", "theme=dark; HttpOnly; Secure; SameSite=Lax"},
                  {"nor does the built-in list take it", "csrftoken=1; HttpOnly",
                   "csrftoken=1; HttpOnly; Secure; SameSite=Lax"},
              });
}

TEST(cookies, that_other_sites_need_keep_their_same_site) {
  expect_each(listed, true,
              {
                  {"none", "saml=1", "saml=1; Secure; HttpOnly"},
                  {"a word that is none", "saml=1; SameSite=x", "saml=1; SameSite=x; Secure; HttpOnly"},
                  {"Strict", "saml=1; SameSite=Strict", "saml=1; SameSite=Strict; Secure; HttpOnly"},
              });
}

TEST(cookies, lose_the_domain_of_the_upstream) {
  constexpr const char* hard = "; Secure; HttpOnly; SameSite=Lax";
  expect_each(
      listed, true,
      {
          {"its host", std::string("a=1; Domain=api.internal; Path=/") + hard, std::string("a=1; Path=/") + hard},
          {"with a dot, in capitals", std::string("a=1; domain = .API.internal") + hard, std::string("a=1") + hard},
          {"an earlier one does not come to life", std::string("a=1; Domain=example.com; Domain=api.internal") + hard,
           std::string("a=1") + hard},
          {"one that does not count", std::string("a=1; Domain=api.internal; Domain=example.com") + hard,
           std::string("a=1; Domain=api.internal; Domain=example.com") + hard},
          {"that of the site stays", std::string("a=1; Domain=example.com") + hard,
           std::string("a=1; Domain=example.com") + hard},
          {"another internal one stays", std::string("a=1; Domain=internal") + hard,
           std::string("a=1; Domain=internal") + hard},
      });
  // Who asked for that very host, or one below it, gets what was meant.
  const cookies_config same{.upstream_hosts = {"api.example.com", "example.com"}};
  expect_each(same, true,
              {
                  {"asked for", std::string("a=1; Domain=api.example.com") + hard,
                   std::string("a=1; Domain=api.example.com") + hard},
                  {"above what was asked for", std::string("a=1; Domain=example.com") + hard,
                   std::string("a=1; Domain=example.com") + hard},
              });
}

TEST(cookies, of_many_lines_are_judged_one_by_one_and_stay_in_order) {
  EXPECT_THAT(hardened(plain, true, {"a=1", "b=2; Secure; HttpOnly; SameSite=Lax", "a=3; SameSite=Strict"}),
              ElementsAre("a=1; Secure; HttpOnly; SameSite=Lax", "b=2; Secure; HttpOnly; SameSite=Lax",
                          "a=3; SameSite=Strict; Secure; HttpOnly"));
}

TEST(cookies, that_nobody_can_keep_are_not_sent) {
  for (const std::string line : {"", "=", "; Secure", "=1", "abc", "=__Host-sid=evil", "abc; Secure"}) {
    SCOPED_TRACE(line);
    EXPECT_THAT(hardened(plain, true, {"a=1; Secure; HttpOnly; SameSite=Lax", line}),
                ElementsAre("a=1; Secure; HttpOnly; SameSite=Lax"));
  }
  EXPECT_THAT(hardened(plain, true, {"a=" + std::string(4096, 'x')}), ElementsAre());
}

TEST(cookies, for_which_there_is_no_memory_are_not_sent) {
  const auto rules = make_policy({cookies()});
  test::test_exchange x;  // 4 KiB
  x.e.source = response_source::upstream;
  response_head head;
  const std::string large = "a=" + std::string(3000, 'x');
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(head.append(field::set_cookie, large));
  ASSERT_TRUE(head.append(field::set_cookie, "b=1; HttpOnly; SameSite=Lax"));
  (void)rules->finalise(x.e, head);
  std::vector<std::string> sent;
  head.fields().for_each(field::set_cookie, [&](std::string_view value) { sent.emplace_back(value); });
  EXPECT_THAT(sent, ElementsAre(large + "; HttpOnly; SameSite=Lax", "b=1; HttpOnly; SameSite=Lax"));
  EXPECT_TRUE(x.e.cookies.no_memory);
  EXPECT_FALSE(x.e.cookies.unreadable);
}

TEST(cookies, of_a_handler_keep_its_word_on_scripts) {
  EXPECT_THAT(hardened(plain, true, {"theme=dark"}, response_source::handler),
              ElementsAre("theme=dark; Secure; SameSite=Lax"));
}

TEST(cookies, take_no_memory_of_the_heap) {
  const auto rules = make_policy({cookies(mapping)});
  test::test_exchange x;
  x.e.client_secure = true;
  x.e.source = response_source::upstream;
  test::add_lines(x.e.request.fields, {{"Cookie", "session=evil; __Host-session=1; a=2"}});
  response_head none;
  response_head some;
  test::add_lines(some, {{"Set-Cookie", "session=1; Path=/app"}, {"Set-Cookie", "theme=dark"}, {"Set-Cookie", "=x"}});
  std::size_t at = 0;
  const test::malloc_counter here;
  (void)rules->request(x.e, at);
  (void)rules->finalise(x.e, none);
  (void)rules->finalise(x.e, some);
  EXPECT_EQ(here.count(), 0U);
  EXPECT_EQ(some.fields().count(field::set_cookie), 2U);
}

TEST(cookies, pass_as_they_are_where_the_rule_is_off) {
  EXPECT_THAT(hardened(off, true, {"a=1", "=x", "b=2; Domain=api.internal"}),
              ElementsAre("a=1", "=x", "b=2; Domain=api.internal"));
}

TEST(cookies, other_fields_are_not_touched) {
  const auto rules = make_policy({cookies()});
  test::test_exchange x;
  x.e.source = response_source::upstream;
  response_head head;
  test::add_lines(head, {{"ETag", "\"1\""}, {"Set-Cookie", "=x"}, {"X-A", "b"}, {"Set-Cookie", "a=1"}, {"Vary", "c"}});
  (void)rules->finalise(x.e, head);
  std::vector<std::string> all;
  for (const field_line& line : head.fields()) all.push_back(std::string{line.name} + ": " + std::string{line.value});
  EXPECT_THAT(all, ElementsAre("ETag: \"1\"", "X-A: b", "Set-Cookie: a=1; HttpOnly; SameSite=Lax", "Vary: c"));
  EXPECT_EQ(head.fields().get(field::vary), "c");
}

TEST(cookies, hints_name_what_a_page_may_notice) {
  const auto rules = make_policy({cookies()});
  test::test_exchange x;
  x.e.client_secure = true;
  x.e.source = response_source::upstream;
  response_head head;
  test::add_lines(head, {{"Set-Cookie", "theme=1"},
                         {"Set-Cookie", "csrftoken=1"},
                         {"Set-Cookie", "only-secure=1; HttpOnly; SameSite=Lax"},
                         {"Set-Cookie", "=x"}});
  (void)rules->finalise(x.e, head);
  std::vector<std::string> notes;
  for (const auto& n : x.e.cookies) {
    notes.push_back(std::string{n.name()} + (n.http_only_added ? " HttpOnly" : "") + (n.lax_added ? " Lax" : ""));
  }
  EXPECT_THAT(notes, ElementsAre("theme HttpOnly Lax", "csrftoken Lax"));
  EXPECT_TRUE(x.e.cookies.unreadable);
  x.reset();
  EXPECT_TRUE(x.e.cookies.empty());
}

TEST(cookies, mapped_get_the_prefix_over_https) {
  expect_each(mapping, true,
              {
                  {"alone", "session=1", "__Host-session=1; Path=/; Secure; HttpOnly; SameSite=Lax"},
                  {"with the right path", "session=1; Path=/; HttpOnly",
                   "__Host-session=1; Path=/; HttpOnly; Secure; SameSite=Lax"},
                  {"with another path", "session=1; Path=/app; HttpOnly; Secure; SameSite=Strict",
                   "__Host-session=1; HttpOnly; Secure; SameSite=Strict; Path=/"},
                  {"with several paths", "session=1; Path=/; Path=/app; HttpOnly; Secure; SameSite=Strict",
                   "__Host-session=1; HttpOnly; Secure; SameSite=Strict; Path=/"},
                  {"with a domain", "session=1; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax",
                   "__Host-session=1; Path=/; HttpOnly; Secure; SameSite=Lax"},
                  {"with spaces", " session = 1", "__Host-session = 1; Path=/; Secure; HttpOnly; SameSite=Lax"},
                  {"to be forgotten", "session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                   "__Host-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"},
                  {"read by scripts", "seen=1", "__Host-seen=1; Path=/; Secure; SameSite=Lax"},
                  {"another name", "sessions=1; Path=/app", "sessions=1; Path=/app; Secure; HttpOnly; SameSite=Lax"},
                  {"another case is another name", "Session=1", "Session=1; Secure; HttpOnly; SameSite=Lax"},
                  {"mapped already", "__Host-seen=1; Path=/; Secure; SameSite=Lax",
                   "__Host-seen=1; Path=/; Secure; "
                   "SameSite=Lax"},
              });
  EXPECT_THAT(hardened(mapping, true, {"session=1; Path=/; HttpOnly; SameSite=Lax"}, response_source::handler),
              ElementsAre("__Host-session=1; Path=/; HttpOnly; SameSite=Lax; Secure"));
}

TEST(cookies, are_not_mapped_over_plain_http) {
  expect_each(mapping, false, {{"as it is", "session=1; Path=/app", "session=1; Path=/app; HttpOnly; SameSite=Lax"}});
}

/// The Cookie field behind the rule; "none" where there is none, the reason's code where it is refused.
std::string received(const cookies_config& c, bool https, std::string_view sent) {
  const auto rules = make_policy({cookies(c)});
  test::test_exchange x;
  x.e.client_secure = https;
  test::add_lines(x.e.request.fields, {{"Accept", "a"}, {"Cookie", sent}, {"X-B", "b"}});
  std::size_t at = 0;
  const step s = rules->request(x.e, at);
  if (s.what() != step::kind::pass) return std::string{code(s.why())};
  EXPECT_EQ(x.e.request.fields.get("X-B"), "b");
  return std::string{x.e.request.fields.get(field::cookie).value_or("none")};
}

TEST(cookies, mapped_are_mapped_back) {
  struct {
    const char* name;
    std::string_view sent;
    std::string want;
  } const rows[] = {
      {"alone", "__Host-session=1", "session=1"},
      {"among others", "a=1; __Host-session=2; b=3", "a=1; session=2; b=3"},
      {"both", "__Host-session=1; __Host-seen=2", "session=1; seen=2"},
      {"the plain name goes", "session=evil; __Host-session=1", "session=1"},
      {"wherever it stands", "__Host-session=1; session=evil", "session=1"},
      {"also alone", "session=evil", "none"},
      {"among others, also alone", "a=1; session=evil; b=2", "a=1; b=2"},
      {"in another case", "SESSION=evil; __Host-session=1", "session=1"},
      {"with spaces", " session\t= evil ;a=1", "a=1"},
      {"several times", "session=1; session=2; session=3", "none"},
      {"without spaces between", "session=1;a=1;__Host-session=2;b=3", "a=1; session=2; b=3"},
      {"a value in quotes", "__Host-session=\"a b\"; a=1", "session=\"a b\"; a=1"},
      {"quotes hide nothing", "a=\"x; session=evil\"; b=1", "a=\"x; b=1"},
      {"a value with equals signs", "__Host-session=a=b==", "session=a=b=="},
      {"an empty value", "__Host-session=", "session="},
      {"other names stay as they are", "a=1;b=2; __Host-other=3", "a=1;b=2; __Host-other=3"},
      {"the prefix in another case is not ours", "__host-session=1; a=1", "__host-session=1; a=1"},
      {"two prefixes", "__Host-__Host-session=1", "__Host-__Host-session=1"},
      {"no equals sign is no name", "session; __Host-session=1", "session; session=1"},
      {"no name", "=session=1", "=session=1"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(received(mapping, true, r.sent), r.want);
  }
}

TEST(cookies, of_names_that_php_takes_for_a_mapped_one_go) {
  const cookies_config c{.map_to_host_prefix = {"my_session"}};
  EXPECT_EQ(received(c, true, "my.session=1; my session=2; my[session=3; MY_SESSION=4; my-session=5"), "my-session=5");
}

TEST(cookies, of_requests_are_left_alone_without_mapping) {
  EXPECT_EQ(received(mapping, false, "__Host-session=1; session=2"), "__Host-session=1; session=2");
  EXPECT_EQ(received(plain, true, "__Host-session=1; session=2"), "__Host-session=1; session=2");
}

TEST(cookies, of_a_request_for_which_there_is_no_memory_are_refused) {
  EXPECT_EQ(received(mapping, true, "__Host-session=1; a=" + std::string(5000, 'x')), "limit.exchange-memory");
}

TEST(cookies, mistakes_are_reported_at_once) {
  const auto mistakes = [](const cookies_config& c) {
    const auto made = cookies_policy::make(c);
    return made ? std::vector<std::string>{} : summaries(made.error());
  };
  EXPECT_THAT(mistakes({.readable_by_scripts = {"theme=dark", "*", "a", "a"},
                        .cross_site = {"", "pre_*"},
                        .map_to_host_prefix = {"__Host-session", "__secure-a", "b c"}}),
              ElementsAre("cookies.readable_by_scripts[0]|theme=dark|not-a-cookie-name|theme",
                          "cookies.readable_by_scripts[1]|*|pattern|each name by itself",
                          "cookies.readable_by_scripts[3]|a|duplicate|",  //
                          "cookies.cross_site[0]||not-a-cookie-name|",
                          "cookies.cross_site[1]|pre_*|pattern|each name by itself",
                          "cookies.map_to_host_prefix[2]|b c|not-a-cookie-name|b",
                          "cookies.map_to_host_prefix[0]|__Host-session|has-prefix|session",
                          "cookies.map_to_host_prefix[1]|__secure-a|has-prefix|"));
  EXPECT_THAT(mistakes({.map_to_host_prefix = {"a"}, .dangerously_off = true}),
              ElementsAre("cookies.dangerously_off|true|contradiction|dangerously_off = false"));
  cookies_config many;
  for (int i = 0; i < 65; ++i) many.cross_site.push_back('c' + std::to_string(i));
  EXPECT_THAT(mistakes(many), ElementsAre("cookies.cross_site|65|too-many|at most 64 names"));
}

}  // namespace
}  // namespace gatehouse
