#include <gatehouse/config/gateway_routes.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include <gatehouse/config/load.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/wire/request_parser.hpp>

#include "malloc_counter.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view services = R"(
upstream = "http://127.0.0.1:1"
[service.a]
upstreams = "http://127.0.0.1:2"
[service.b]
upstreams = ["http://127.0.0.1:3", "http://127.0.0.1:4"]
)";

/// The routes of a file that is right.
struct routed {
  explicit routed(std::string_view text) {
    loaded_config loaded = read_config(std::string{services} + std::string{text}, "t.toml");
    judge_config(loaded);
    for (const config_problem& p : loaded.report.problems) ADD_FAILURE() << to_text(p);
    auto made = gateway_routes::make(loaded.config, states, {});
    if (made) all = *made;
  }

  [[nodiscard]] route_match match(const request_head& head) const {
    path_parameters parameters;
    return all->find(head, parameters);
  }
  /// "/notes/* GET, HEAD, OPTIONS", "405 …", "404".
  [[nodiscard]] std::string find(std::string_view target, method verb = method::get,
                                 std::string_view host = "localhost") const {
    request_head head;
    head.verb = verb;
    head.target = head.path = target;
    if (!host.empty()) head.authority = *authority::parse(host);
    const route_match m = match(head);
    EXPECT_NE(m.rules, nullptr);
    if (m.route == nullptr) return "404";
    const std::string methods = m.route->methods.to_string();
    return (m.handler == nullptr ? "405 " : "") + m.route->pattern + (methods.empty() ? "" : " ") + methods;
  }

  state_registry states;
  std::shared_ptr<const gateway_routes> all;
};

TEST(gateway_routes, the_longest_match_wins) {
  const routed r(R"(
[[route]]
match = "/notes/*"
service = "a"
[[route]]
match = "/notes/public/*"
service = "b"
[[route]]
match = "/notes/:id/pictures"
service = "b"
[[route]]
match = "/notes"
service = "b"
)");
  EXPECT_EQ(r.find("/notes"), "/notes");
  EXPECT_EQ(r.find("/notes/"), "/notes/*");
  EXPECT_EQ(r.find("/notes/1"), "/notes/*");
  EXPECT_EQ(r.find("/notes/public"), "/notes/public/*");
  EXPECT_EQ(r.find("/notes/public/x/y"), "/notes/public/*");
  EXPECT_EQ(r.find("/notes/publicity"), "/notes/*") << "only whole segments";
  EXPECT_EQ(r.find("/notes/7/pictures"), "/notes/:id/pictures");
  EXPECT_EQ(r.find("/notesx"), "/*") << "what no route takes is upstream's";
  EXPECT_EQ(r.find("*", method::options), "/*");
}

TEST(gateway_routes, the_method_is_judged_when_the_path_is_found) {
  const routed r(R"(
[[route]]
match = "/notes/*"
methods = ["GET"]
service = "a"
[[route]]
match = "/notes/*"
methods = ["POST", "DELETE"]
service = "b"
)");
  constexpr std::string_view all = "/notes/* GET, HEAD, POST, DELETE, OPTIONS";
  EXPECT_EQ(r.find("/notes/1"), all);
  EXPECT_EQ(r.find("/notes/1", method::head), all);
  EXPECT_EQ(r.find("/notes/1", method::delete_), all);
  EXPECT_EQ(r.find("/notes/1", method::options), all);
  EXPECT_EQ(r.find("/notes/1", method::put), "405 " + std::string{all}) << "and not upstream's";
  EXPECT_EQ(r.find("/x", method::put), "/*");
}

TEST(gateway_routes, a_route_for_the_host_wins_over_one_for_any) {
  const routed r(R"(
[[route]]
host = ["api.example.com", "[2001:db8::1]"]
match = "/v1/*"
service = "a"
[[route]]
match = "/v1/notes/*"
service = "b"
)");
  EXPECT_EQ(r.find("/v1/notes/1", method::get, "api.example.com"), "/v1/*");
  EXPECT_EQ(r.find("/v1/notes/1", method::get, "API.Example.com.:8080"), "/v1/*") << "as hosts are compared";
  EXPECT_EQ(r.find("/v1/notes/1", method::get, "[2001:DB8:0::1]:80"), "/v1/*");
  EXPECT_EQ(r.find("/v1/notes/1", method::get, "api.example.org"), "/v1/notes/*");
  EXPECT_EQ(r.find("/other", method::get, "api.example.com"), "/*");
  EXPECT_EQ(r.find("/v1/notes/1", method::get, ""), "/v1/notes/*");
}

TEST(gateway_routes, without_upstream_the_rest_is_not_found) {
  loaded_config loaded = read_config(
      "[service.a]\nupstreams = \"http://127.0.0.1:2\"\n[[route]]\nmatch = \"/a/*\"\n"
      "service = \"a\"\n",
      "t.toml");
  judge_config(loaded);
  lint_config(loaded);
  ASSERT_TRUE(loaded.report.problems.empty()) << to_text(loaded.report.problems.front());
  state_registry states;
  const auto made = gateway_routes::make(loaded.config, states, {});
  ASSERT_TRUE(made.has_value());
  request_head head;
  path_parameters parameters;
  for (const std::string_view path : {"/", "/b", "*", ""}) {
    head.path = path;
    EXPECT_EQ((*made)->find(head, parameters).route, nullptr) << path;
  }
}

TEST(gateway_routes, what_a_route_sets_is_its_own) {
  const routed r(R"(
[[route]]
match = "/upload/*"
service = "a"
limits.max_body = "8MiB"
[[route]]
match = "/page/*"
service = "a"
[route.headers]
x_frame_options = "SAMEORIGIN"
[[route]]
match = "/other-page/*"
[route.headers]
x_frame_options = "SAMEORIGIN"
)");
  request_head head;
  const auto at = [&](std::string_view path) {
    head.path = path;
    return r.match(head);
  };
  EXPECT_EQ(at("/upload/x").route->body_bytes, 8U * 1024 * 1024);
  EXPECT_EQ(at("/x").route->body_bytes, 0U);
  EXPECT_EQ(at("/upload/x").rules, at("/x").rules);
  EXPECT_NE(at("/page/x").rules, at("/x").rules);
  EXPECT_EQ(at("/page/x").rules, at("/other-page/x").rules) << "the same policy once";
}

TEST(gateway_routes, finding_allocates_nothing) {
  const routed r("[[route]]\nhost = \"api.example.com\"\nmatch = \"/v1/:x/*\"\nservice = \"a\"\n");
  request_head head;
  head.path = "/v1/a/b";
  head.authority = *authority::parse("API.example.com:8080");
  path_parameters parameters;
  const test::malloc_counter counter;
  const route_match m = r.all->find(head, parameters);
  EXPECT_EQ(counter.count(), 0U);
  EXPECT_EQ(m.route->pattern, "/v1/:x/*");
}

/// "line:column code: message; write" of each.
std::string said_of(std::string_view text) {
  loaded_config loaded = read_config(text, "t.toml");
  judge_config(loaded);
  lint_config(loaded);
  std::string out;
  for (const config_problem& p : loaded.report.problems) out += to_text(p) + "\n";
  return out;
}

TEST(gateway_routes, everything_that_is_wrong_is_said_at_once) {
  EXPECT_EQ(
      said_of(R"(
[service.notes]
upstreams = ["http://127.0.0.1:1", "127.0.0.1:2"]
balance = "random"
active_health.path = "health"
conect_timeout = "1s"

[service."a b"]
upstreams = []

[service.empty]

[[route]]
host = "*.example.com"
match = "/notes/*"
methods = ["get", "BREW"]
service = "note"
strip_prefix = "/note"

[[route]]
host = "api.example.com:80"
match = "/a/*/b"
service = "notes"

[[route]]
match = "notes"
service = "notes"
limits.max_bod = "1MiB"

[[route]]
match = "/nowhere"
headers.x_frame_options = "ALLOW"
)"),
      R"(t.toml:3:36: error[missing-scheme]: service.notes.upstreams "127.0.0.1:2": an upstream is written as a URL, with http:// or https:// in front
  write: upstreams = "http://127.0.0.1:2"
t.toml:4:11: error[not-a-choice]: service.balance can be round-robin | least-loaded, not "random"
  write: balance = "least-loaded"
t.toml:5:22: error[invalid-path]: service.notes.active_health.path "health": what is asked for is a path, with or without a query
  write: active_health.path = "/health"
t.toml:6:1: error[unknown-key]: there is no key "conect_timeout" in [service.NAME]; it is called service.connect_timeout here
  write: connect_timeout = "2s"
t.toml:8:10: error[invalid-name]: a service's name is made of letters, digits, - and _, at most 64
t.toml:11:10: error[out-of-range]: service.empty.upstreams "0": a service has 1 to 64 upstreams
t.toml:11:10: warning[unused-service]: service.empty: no route leads there
  write: [[route]] with service = "empty"
t.toml:14:8: error[not-a-host]: route.host "*.example.com": a route's host is a name or an address, exact and without a port
t.toml:16:12: error[unknown-method]: route.methods "get": this is not one of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS
  write: methods = "GET"
t.toml:16:19: error[unknown-method]: route.methods "BREW": this is not one of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS
t.toml:17:11: error[unknown-service]: route.service "note": there is no [service.note]
  write: service = "notes"
t.toml:18:16: error[invalid-prefix]: route.strip_prefix "/note": it must be what match begins with, up to the end of a segment
  write: strip_prefix = "/notes"
t.toml:21:8: error[not-a-host]: route.host "api.example.com:80": a route's host is a name or an address, exact and without a port
  write: host = "api.example.com"
t.toml:22:9: error[invalid-pattern]: route.match "/a/*/b": a * stands only at the end, behind a slash: everything below
  write: match = "/a/*"
t.toml:26:9: error[invalid-pattern]: route.match "notes": a pattern begins with "/".
t.toml:28:8: error[unknown-key]: there is no key "max_bod" in [route.limits]; it is called route.limits.max_body here
  write: max_body = "8MiB"
t.toml:30:1: error[missing-service]: route: it leads nowhere: it has no service, and there is no upstream
  write: service = "NAME" of a [service.NAME]
t.toml:32:27: error[unknown-value]: route.headers.x_frame_options "ALLOW": Browsers ignore a value they do not know.
  write: deny or sameorigin
)");
}

TEST(gateway_routes, two_that_meet_are_said_with_the_place_of_the_later) {
  EXPECT_EQ(
      said_of(R"(upstream = "http://127.0.0.1:1"
[[route]]
match = "/a/:x"
[[route]]
match = "/a/:y"
[[route]]
match = "/b/*"
[[route]]
match = "/b/*"
methods = ["GET"]
[[route]]
match = "/c"
methods = ["GET"]
[[route]]
match = "/c"
methods = ["POST"]
headers.profile = "api"
[[route]]
service = "notes"
[service.notes]
upstreams = "http://127.0.0.1:2"
)"),
      R"(t.toml:5:9: error[conflicting-parameters]: route.match "/a/:y": "/a/:y" and "/a/:x" are the same path with other parameter names.
t.toml:9:9: error[duplicate-route]: route.match "/b/*": "/b" and "/b" both answer GET.
t.toml:15:9: error[conflicting-policies]: route.match "/c": "/c" has two policies: which one holds can not depend on the method.
t.toml:18:1: error[duplicate-route]: route: it takes everything, and so does `upstream`: one of them
)");
}

TEST(gateway_routes, a_route_may_say_what_holds_for_upstream) {
  EXPECT_EQ(said_of("upstream = \"http://127.0.0.1:1\"\n[[route]]\nlimits.max_body = \"2MiB\"\n"), "");
}

class included : public ::testing::Test {
 protected:
  included() {
    std::string pattern = std::filesystem::temp_directory_path() / "gatehouse-include-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(folder / "routes");
  }
  ~included() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name, std::string_view text) const { std::ofstream(folder / name) << text; }
  /// Everything said, with the folder's name left out.
  [[nodiscard]] std::string said() const {
    loaded_config loaded = read_config_file(folder / "gatehouse.toml");
    judge_config(loaded);
    std::string out;
    for (const config_problem& p : loaded.report.problems) out += to_text(p) + "\n";
    const std::string name = folder.string() + "/";
    for (auto at = out.find(name); at != std::string::npos; at = out.find(name)) out.erase(at, name.size());
    return out;
  }
  std::filesystem::path folder;
};

TEST_F(included, files_hold_services_and_routes) {
  write("gatehouse.toml", "include = [\"routes/*.toml\", \"routes/b.toml\"]\n");
  write("routes/a.toml",
        "[service.a]\nupstreams = \"http://127.0.0.1:1\"\n[[route]]\nmatch = \"/a/*\"\nservice = \"a\"\n");
  write("routes/b.toml", "[[route]]\nmatch = \"/b/*\"\nservice = \"a\"\n");
  EXPECT_EQ(said(), "");
  const loaded_config loaded = read_config_file(folder / "gatehouse.toml");
  ASSERT_EQ(loaded.config.routes.size(), 2U);
  EXPECT_EQ(loaded.config.routes[0].match, "/a/*");
  EXPECT_EQ(loaded.config.routes[1].match, "/b/*");
}

TEST_F(included, problems_have_the_place_in_their_file) {
  write("gatehouse.toml",
        "include = [\"routes/*.toml\", \"gone.toml\"]\n[service.a]\nupstreams = \"http://127.0.0.1:1\"\n");
  write(
      "routes/a.toml",
      "listen = \"127.0.0.1:1\"\n[service.a]\nupstreams = \"x\"\n[limits]\nmax_body = 1\n[[route]]\nservice = \"b\"\n");
  write("routes/b.toml", "[[route]\n");
  EXPECT_EQ(said(), R"(gatehouse.toml:1:29: error[cannot-read]: include "gone.toml": there is no such file
routes/a.toml:1:1: error[not-in-include]: listen stands in the main file: an included one holds services and routes
routes/a.toml:2:10: error[duplicate]: there is a service.a already, in gatehouse.toml:2
routes/a.toml:4:2: error[not-in-include]: limits stands in the main file: an included one holds services and routes
routes/a.toml:7:11: error[unknown-service]: route.service "b": there is no [service.b]
  write: service = "a"
routes/b.toml:1:9: error[syntax]: this is not TOML: Error while parsing table header: expected ']', saw '\n'
)");
}

TEST_F(included, a_pattern_may_find_nothing) {
  write("gatehouse.toml", "upstream = \"http://127.0.0.1:1\"\ninclude = \"none/*.toml\"\n");
  EXPECT_EQ(said(), "");
}

}  // namespace
}  // namespace gatehouse
