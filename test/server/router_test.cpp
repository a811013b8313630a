#include <gatehouse/server/router.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/rules/policy.hpp>

#include "malloc_counter.hpp"

namespace gatehouse {
namespace {

/// A handler that is only looked at.
class marker final : public handler {
 public:
  void handle(call&) const noexcept override {}
};

struct pattern {
  method_set methods;
  std::string text;
  bool subtree = false;
};

/// A router of these patterns; the handler of each is its place in `handlers`.
struct fixture {
  explicit fixture(std::vector<pattern> patterns) : handlers(patterns.size()) {
    std::vector<route> routes;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      routes.push_back({.methods = patterns[i].methods,
                        .pattern = patterns[i].text,
                        .answers = &handlers[i],
                        .subtree = patterns[i].subtree});
    }
    made.emplace_back(router::make(routes));
  }

  /// "pattern name=value ...", with " 405" when the method has no handler; "-" without a route.
  std::string find(std::string_view path, method verb = method::get) const {
    path_parameters parameters;
    const router::match m = made.front()->find(path, verb, parameters);
    if (m.route == nullptr) return "-";
    std::string text = m.route->pattern;
    for (std::size_t i = 0; i < parameters.count; ++i) {
      text += " " + std::string{parameters.all[i].name} + "=" + std::string{parameters.all[i].value};
    }
    return m.answers == nullptr ? text + " 405" : text;
  }
  std::string allowed(std::string_view path) const {
    path_parameters parameters;
    return made.front()->find(path, method::get, parameters).route->methods.to_string();
  }

  std::vector<marker> handlers;
  std::vector<result<router, config_errors>> made;
};

const fixture& common() {
  static const fixture f{{
      {{method::get}, "/"},
      {{method::get, method::post}, "/notes"},
      {{method::get}, "/notes/"},
      {{method::get, method::put}, "/notes/:id"},
      {{method::post}, "/notes/new"},
      {{method::get}, "/notes/:id/tags/:tag"},
      {{method::get}, "/notes/new/tags/all"},
      {{method::get}, "/files/*rest"},
      {{method::get}, "/files/:name/meta"},
      {{method::get}, "/:tenant/users"},
      {{method::options}, "/custom"},
      {{method::head}, "/head-only"},
      {{method::get}, "/caf%C3%A9"},
      {{}, "/legacy", true},
      {{method::get}, "/legacy/health"},
      {{}, "/legacy/deep/er", true},
  }};
  return f;
}

struct row {
  const char* name;
  const char* path;
  const char* want;
  method verb = method::get;
};
constexpr row rows[] = {
    {"the root", "/", "/"},
    {"a literal", "/notes", "/notes"},
    {"a trailing slash is another path", "/notes/", "/notes/"},
    {"case matters", "/Notes", "-"},
    {"a parameter", "/notes/7", "/notes/:id id=7"},
    {"a parameter does not end with a slash", "/notes/7/", "-"},
    {"two parameters", "/notes/7/tags/a", "/notes/:id/tags/:tag id=7 tag=a"},
    {"the parameter is tried where the literal leads nowhere", "/notes/new/tags/x",
     "/notes/:id/tags/:tag id=new tag=x"},
    {"a literal wins over a parameter", "/notes/new/tags/all", "/notes/new/tags/all"},
    {"the path decides before the method", "/notes/new", "/notes/new 405"},
    {"and its method is found", "/notes/new", "/notes/new", method::post},
    {"a literal that only begins alike", "/notes/newer", "/notes/:id id=newer"},
    {"percent-encodings are not decoded", "/notes/a%20b", "/notes/:id id=a%20b"},
    {"nor do they match what they stand for", "/n%6Ftes", "-"},
    {"literals are compared as sent", "/caf%C3%A9", "/caf%C3%A9"},
    {"other hexadecimal digits are other bytes", "/caf%c3%a9", "-"},
    {"the rest, one segment", "/files/a", "/files/*rest rest=a"},
    {"the rest, more", "/files/a/b/c", "/files/*rest rest=a/b/c"},
    {"the rest, with a trailing slash", "/files/a/", "/files/*rest rest=a/"},
    {"the rest is not empty", "/files/", "-"},
    {"nor missing", "/files", "-"},
    {"a parameter wins over the rest", "/files/a/meta", "/files/:name/meta name=a"},
    {"the rest takes over where that ends", "/files/a/meta/x", "/files/*rest rest=a/meta/x"},
    {"a parameter in front", "/acme/users", "/:tenant/users tenant=acme"},
    {"a literal in front leads elsewhere, yet the parameter matches", "/files2/users", "/:tenant/users tenant=files2"},
    {"literals are tried first from the left", "/files/users", "/files/*rest rest=users"},
    {"below a longer literal prefix the first parameter still matches", "/notes/users", "/notes/:id id=users"},
    {"a mount, itself", "/legacy", "/legacy/*"},
    {"a mount, with a slash", "/legacy/", "/legacy/*"},
    {"a mount, below", "/legacy/a/b", "/legacy/*"},
    {"a mount, any method", "/legacy/a", "/legacy/*", method::delete_},
    {"a mount ends at a segment", "/legacyx", "-"},
    {"a route wins over a mount", "/legacy/health", "/legacy/health"},
    {"also when its method is another", "/legacy/health", "/legacy/health 405", method::post},
    {"the deeper mount wins", "/legacy/deep/er/x", "/legacy/deep/er/*"},
    {"the outer one has what is beside", "/legacy/deep/x", "/legacy/*"},
    {"HEAD falls to GET", "/notes", "/notes", method::head},
    {"HEAD without GET is another method", "/notes/new", "/notes/new 405", method::head},
    {"HEAD of its own", "/head-only", "/head-only", method::head},
    {"and GET not by it", "/head-only", "/head-only 405"},
    {"OPTIONS is answered everywhere", "/notes", "/notes", method::options},
    {"OPTIONS of its own", "/custom", "/custom", method::options},
    {"OPTIONS of no route", "/nothing", "-", method::options},
    {"OPTIONS of the server", "*", "*", method::options},
    {"the server has nothing else", "*", "* 405", method::get},
    {"an unknown method", "/notes", "/notes 405", method::unknown},
    {"an empty path (a refused head)", "", "-"},
    {"nothing there", "/nothing", "-"},
};

TEST(router, finds_the_most_specific_pattern) {
  ASSERT_TRUE(common().made.front());
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(common().find(r.path, r.verb), r.want) << r.path;
  }
}

TEST(router, knows_the_methods_of_a_path) {
  EXPECT_EQ(common().allowed("/notes"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(common().allowed("/notes/new"), "POST, OPTIONS");
  EXPECT_EQ(common().allowed("/custom"), "OPTIONS");
  EXPECT_EQ(common().allowed("/legacy/x"), "") << "only who is mounted knows";
  EXPECT_EQ(common().allowed("*"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

TEST(router, a_subtree_may_have_methods_of_its_own) {
  const fixture f{{{{method::get}, "/api", true}, {{method::post}, "/api", true}, {{}, "/", true}}};
  EXPECT_EQ(f.find("/api/x"), "/api/*");
  EXPECT_EQ(f.find("/api/x", method::post), "/api/*");
  EXPECT_EQ(f.find("/api/x", method::put), "/api/* 405") << "the path was found: no shorter match is tried";
  EXPECT_EQ(f.allowed("/api/x"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(f.allowed("/x"), "");
}

TEST(router, a_path_has_one_policy) {
  state_registry states;
  const auto rules = *policy::make({}, states);
  const marker h;
  const route own{.methods = {method::get}, .pattern = "/a", .answers = &h, .rules = rules.get()};
  route other = own;
  other.methods = {method::post};
  const auto same = router::make({own, other});
  ASSERT_TRUE(same.has_value());
  path_parameters none;
  EXPECT_EQ(same->find("/a", method::put, none).rules, rules.get()) << "a 405 has it, too";
  other.rules = nullptr;
  const auto two = router::make({own, other});
  ASSERT_FALSE(two.has_value());
  ASSERT_EQ(two.error().size(), 1U);
  EXPECT_EQ(two.error()[0].code, "conflicting-policies");
}

TEST(router, gives_the_handler_of_the_method) {
  const fixture f{{{{method::get}, "/a"}, {{method::post}, "/a"}}};
  path_parameters none;
  EXPECT_EQ(f.made.front()->find("/a", method::get, none).answers, &f.handlers[0]);
  EXPECT_EQ(f.made.front()->find("/a", method::head, none).answers, &f.handlers[0]);
  EXPECT_EQ(f.made.front()->find("/a", method::post, none).answers, &f.handlers[1]);
}

TEST(router, mounted_at_the_root_has_everything) {
  const fixture f{{{every_method, "/", true}, {{method::get}, "/health"}}};
  for (const char* path : {"/", "/a", "/a/b/", "/healthy"}) EXPECT_EQ(f.find(path), "/*") << path;
  EXPECT_EQ(f.find("/health"), "/health");
  EXPECT_EQ(f.find("*", method::options), "*");
}

TEST(router, without_routes_finds_nothing) {
  const fixture f{{}};
  ASSERT_TRUE(f.made.front());
  EXPECT_EQ(f.find("/"), "-");
}

struct mistake {
  const char* name;
  std::vector<pattern> patterns;
  std::vector<std::string> want_codes;
};

TEST(router, reports_every_mistake) {
  constexpr method_set get{method::get};
  const mistake mistakes[] = {
      {"no slash in front", {{get, "notes"}}, {"invalid-pattern"}},
      {"empty", {{get, ""}}, {"invalid-pattern"}},
      {"an optional part", {{get, "/a{/:b}"}}, {"invalid-pattern"}},
      {"a regular expression", {{get, "/:id(\\d+)"}}, {"invalid-pattern"}},
      {"two parameters in a segment", {{get, "/:from-:to"}}, {"invalid-pattern"}},
      {"a star without a name", {{get, "/files/*"}}, {"invalid-pattern"}},
      {"a colon without a name", {{get, "/:"}}, {"invalid-pattern"}},
      {"the rest is not last", {{get, "/*rest/x"}}, {"invalid-pattern"}},
      {"an empty segment", {{get, "/a//b"}}, {"invalid-pattern"}},
      {"dots", {{get, "/a/../b"}}, {"invalid-pattern"}},
      {"a query", {{get, "/a?b"}}, {"invalid-pattern"}},
      {"a space", {{get, "/a b"}}, {"invalid-pattern"}},
      {"an encoded slash", {{get, "/a%2Fb"}}, {"invalid-pattern"}},
      {"a mount with a slash", {{every_method, "/a/", true}}, {"invalid-pattern"}},
      {"one name twice", {{get, "/:id/x/:id"}}, {"duplicate-parameter"}},
      {"one method twice", {{get, "/a"}, {get, "/a"}}, {"duplicate-route"}},
      {"one of several methods twice", {{every_method, "/a"}, {get, "/a"}}, {"duplicate-route"}},
      {"a mount twice", {{every_method, "/a", true}, {every_method, "/a", true}}, {"duplicate-route"}},
      {"other names for one path", {{get, "/a/:x"}, {{method::post}, "/a/:y"}}, {"conflicting-parameters"}},
      {"other names behind the same", {{get, "/a/*x"}, {{method::post}, "/a/*y"}}, {"conflicting-parameters"}},
      {"all of them",
       {{get, "x"}, {get, "/a"}, {get, "/:i/:i"}, {get, "/a"}},
       {"invalid-pattern", "duplicate-parameter", "duplicate-route"}},
  };
  for (const mistake& m : mistakes) {
    SCOPED_TRACE(m.name);
    const fixture f{m.patterns};
    ASSERT_FALSE(f.made.front());
    std::vector<std::string> codes;
    for (const config_error& e : f.made.front().error()) {
      codes.push_back(e.code);
      EXPECT_EQ(e.key, "routes");
    }
    EXPECT_EQ(codes, m.want_codes);
  }
}

TEST(router, names_both_patterns_of_a_conflict) {
  const fixture f{{{{method::get}, "/a/:x"}, {{method::get}, "/a/:y"}}};
  ASSERT_FALSE(f.made.front());
  const config_error& e = f.made.front().error().front();
  EXPECT_NE(e.message.find("/a/:x"), std::string::npos);
  EXPECT_NE(e.message.find("/a/:y"), std::string::npos);
}

TEST(router, the_same_place_may_have_other_names_in_other_paths) {
  const fixture f{{{{method::get}, "/a/:x/b"}, {{method::get}, "/a/:y/c"}}};
  ASSERT_TRUE(f.made.front());
  EXPECT_EQ(f.find("/a/1/b"), "/a/:x/b x=1");
  EXPECT_EQ(f.find("/a/1/c"), "/a/:y/c y=1");
}

TEST(router, sixteen_parameters_are_the_most) {
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += "/:p" + std::to_string(i);
  EXPECT_TRUE(fixture({{{method::get}, sixteen}}).made.front());
  const fixture more{{{{method::get}, sixteen + "/:one_more"}}};
  ASSERT_FALSE(more.made.front());
  EXPECT_EQ(more.made.front().error().front().code, "too-many-parameters");
}

TEST(router, combinations_are_bounded) {
  // Each segment may be a literal or a parameter: one state for every subset.
  std::vector<pattern> patterns;
  for (unsigned bits = 0; bits < 17; ++bits) {
    std::string text;
    for (unsigned i = 0; i < 17; ++i) text += i == bits ? "/x" : "/:p" + std::to_string(i);
    patterns.push_back({{method::get}, text + "/end" + std::to_string(bits)});
  }
  const fixture f{patterns};
  ASSERT_FALSE(f.made.front());
  EXPECT_EQ(f.made.front().error().front().code, "too-many-routes");
}

TEST(router, matching_allocates_nothing) {
  const auto& routes = *common().made.front();  // made before counting, also when this test runs alone
  path_parameters parameters;
  const test::malloc_counter allocations;
  const auto m = routes.find("/notes/7/tags/a", method::get, parameters);
  EXPECT_EQ(allocations.count(), 0U);
  EXPECT_NE(m.answers, nullptr);
}

TEST(router, a_path_of_four_thousand_segments_is_no_trouble) {
  std::string path = "/files";
  while (path.size() < 4096) path += "/a";
  EXPECT_EQ(common().find(path).substr(0, 12), "/files/*rest");
  EXPECT_EQ(common().find("/x" + path), "-");
}

}  // namespace
}  // namespace gatehouse
