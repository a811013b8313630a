#include <gatehouse/config/difference.hpp>

#include <gtest/gtest.h>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>

namespace gatehouse {
namespace {

/// A line each.
std::string between(std::string_view from, std::string_view to) {
  const loaded_config before = read_config(from, "from.toml");
  const loaded_config after = read_config(to, "to.toml");
  EXPECT_EQ(before.report.errors() + after.report.errors(), 0U);
  std::string out;
  for (const config_difference& d : differences(before.config, after.config)) out += to_text(d) + "\n";
  return out;
}

TEST(difference, none_where_the_same_is_said_otherwise) {
  EXPECT_EQ(between("", "listen = [\"127.0.0.1:8080\"]\n[limits]\nmax_body = 1048576\n"), "");
  EXPECT_EQ(between("[service.a]\nupstreams = \"http://a:1\"\n[service.b]\nupstreams = \"http://b:1\"\n",
                    "[service]\nb.upstreams = \"http://b:1\"\na.upstreams = \"http://a:1\"\n"),
            "");
}

TEST(difference, key_by_key_with_what_needs_a_restart) {
  EXPECT_EQ(between("listen = \"127.0.0.1:1\"\n[limits]\nmax_body = \"2MiB\"\n",
                    "hosts = [\"a\", \"b\"]\n[headers]\nx_frame_options = \"\"\n"),
            "listen: \"127.0.0.1:1\" → \"127.0.0.1:8080\"  (needs a restart)\n"
            "hosts: [] → [\"a\", \"b\"]\n"
            "headers.x_frame_options: not set → \"\"\n"
            "limits.max_body: \"2MiB\" → \"1MiB\"\n");
}

TEST(difference, services_and_routes_are_known_by_name_and_path) {
  const std::string_view before = R"(
[service.a]
upstreams = "http://a:1"
[service.b]
upstreams = "http://b:1"
[[route]]
match = "/a/*"
service = "a"
[[route]]
match = "/b/*"
service = "b"
)";
  const std::string_view after = R"(
[service.a]
upstreams = "http://a:2"
[service.c]
upstreams = "http://c:1"
active_health.path = "/health"
[[route]]
match = "/c/*"
host = ["x.example", "y.example"]
service = "c"
[[route]]
match = "/a/*"
service = "a"
headers.profile = "api-1"
)";
  EXPECT_EQ(between(before, after),
            "service.a.upstreams: \"http://a:1\" → \"http://a:2\"\n"
            "+ service.c\n"
            "service.c.upstreams: not set → \"http://c:1\"\n"
            "service.c.active_health.path: not set → \"/health\"\n"
            "+ route /c/* of x.example, y.example\n"
            "route /c/* of x.example, y.example.host: not set → [\"x.example\", \"y.example\"]\n"
            "route /c/* of x.example, y.example.match: not set → \"/c/*\"\n"
            "route /c/* of x.example, y.example.service: not set → \"c\"\n"
            "route /a/*.headers.profile: not set → \"api-1\"\n"
            "- service.b\n"
            "- route /b/*\n");
}

TEST(difference, routes_of_one_path_are_compared_in_their_order) {
  const std::string_view one = "[[route]]\nmatch = \"/a\"\nmethods = \"GET\"\n";
  const std::string_view two = "[[route]]\nmatch = \"/a\"\nmethods = \"POST\"\n[[route]]\nmatch = \"/a/b\"\n";
  EXPECT_EQ(between(one, std::string{one} + std::string{two}),
            "+ route /a #2\nroute /a #2.match: not set → \"/a\"\nroute /a #2.methods: not set → \"POST\"\n"
            "+ route /a/b\nroute /a/b.match: not set → \"/a/b\"\n");
}

TEST(difference, each_key_of_the_catalog_is_compared) {
  for (const catalog_entry& e : config_catalog()) {
    if (e.key == "include") continue;
    SCOPED_TRACE(e.key);
    gateway_config with_parts;
    with_parts.services.push_back({.name = "a"});
    with_parts.routes.emplace_back();
    if (e.key.starts_with("route.headers.")) with_parts.routes.front().headers.emplace();
    gateway_config other = with_parts;
    std::visit(
        [&other](auto member) {
          auto& value = member(other);
          using type = std::remove_reference_t<decltype(value)>;
          if constexpr (std::is_same_v<type, bool>) {
            value = !value;
          } else if constexpr (std::is_same_v<type, std::vector<std::string>>) {
            value.push_back("more");
          } else if constexpr (std::is_same_v<type, std::string>) {
            value += "x";
          } else if constexpr (std::is_same_v<type, std::optional<std::string>>) {
            value = "x";
          } else if constexpr (std::is_same_v<type, milliseconds>) {
            value += milliseconds{1};
          } else {
            ++value;
          }
        },
        e.member);
    const auto all = differences(with_parts, other);
    if (e.key == "route.match" || e.key == "route.host") {
      EXPECT_GE(all.size(), 2U);  // then it is another route
      continue;
    }
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front().needs_restart, e.needs_restart);
    EXPECT_NE(all.front().from, all.front().to);
  }
}

TEST(difference, as_json) {
  const auto all = differences({}, read_config("threads = 3", "x.toml").config);
  EXPECT_EQ(to_json(all, "a.toml", "b.toml"),
            R"({"from":"a.toml","to":"b.toml","differences":[{"what":"changed","key":"threads","from":"0","to":"3",)"
            R"("needs_restart":true}]})");
}

}  // namespace
}  // namespace gatehouse
