#include <gatehouse/config/policy_text.hpp>

#include <gtest/gtest.h>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>

namespace gatehouse {
namespace {

std::string header_of(std::string_view section) {
  std::string out = section_header(section);
  if (const auto name = out.find("NAME"); name != std::string::npos) out.replace(name, 4, "notes");
  return out + "\n";
}

/// Reads what is shown; it must be understood, and show the same.
std::string shown_again(const std::string& text) {
  const loaded_config again = read_config(text, "shown.toml");
  EXPECT_TRUE(again.report.problems.empty()) << to_text(again.report.problems.front()) << "\n" << text;
  return policy_text(again.config);
}

TEST(policy_text, of_the_defaults_is_a_fixed_point_and_says_that_they_are) {
  const std::string text = policy_text({});
  EXPECT_EQ(shown_again(text), text);
  EXPECT_NE(text.find("\nlisten = \"127.0.0.1:8080\"  # default\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n[limits]\nmax_head = \"16KiB\"  # default\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n# x_frame_options: as the profile says\n"), std::string::npos) << text;
}

TEST(policy_text, of_each_key_is_a_fixed_point_with_its_value_in_it) {
  for (const catalog_entry& e : config_catalog()) {
    if (e.key == "include") continue;
    SCOPED_TRACE(e.key);
    const std::string line = std::string{name_in_section(e.key)} + " = " + std::string{e.example} + "\n";
    const std::string_view section = section_of(e.key);
    const loaded_config one = read_config(section.empty() ? line : header_of(section) + line, "x.toml");
    ASSERT_TRUE(one.report.problems.empty()) << to_text(one.report.problems.front());
    const std::string text = policy_text(one.config);
    EXPECT_NE(text.find(std::string{name_in_section(e.key)} + " = " + shown_text(e, one.config)), std::string::npos)
        << text;
    if (e.secret) {
      EXPECT_EQ(text.find(value_text(e, one.config)), std::string::npos) << text;
      continue;  // *** is refused when it is read
    }
    const loaded_config again = read_config(text, "shown.toml");
    EXPECT_EQ(value_text(e, again.config), value_text(e, one.config));
    EXPECT_EQ(shown_again(text), text);
  }
}

TEST(policy_text, has_every_service_and_every_route_in_order) {
  const loaded_config loaded = read_config(R"(
upstream = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
[service.b]
upstreams = "http://127.0.0.1:3"
[service.a]
upstreams = "unix:/run/a.sock"
active_health.path = "/health"
[[route]]
match = "/b/*"
service = "b"
[[route]]
match = "/a/*"
service = "a"
headers.x_frame_options = ""
)",
                                           "x.toml");
  ASSERT_TRUE(loaded.report.problems.empty());
  const std::string text = policy_text(loaded.config);
  EXPECT_EQ(shown_again(text), text);
  EXPECT_NE(text.find("upstream = [\"http://127.0.0.1:1\", \"http://127.0.0.1:2\"]\n"), std::string::npos) << text;
  std::size_t at = 0;
  for (const std::string_view piece :
       {"\n[service.", "a]\n", "upstreams = \"unix:/run/a.sock\"\n", "active_health.path = \"/health\"\n",
        "\n[service.b]\n", "\n[[route]]\n", "match = \"/b/*\"\n", "limits.max_body = 0  # default\n",
        "# headers: as [headers] says\n", "\n[[route]]\n", "match = \"/a/*\"\n",
        "headers.profile = \"api\"  # default\n", "headers.x_frame_options = \"\"\n",
        "# headers.referrer_policy: as the profile says\n"}) {
    at = text.find(piece, at);
    ASSERT_NE(at, std::string::npos) << piece << " is not there, or not in order:\n" << text;
  }
  EXPECT_FALSE(read_config(text, "shown.toml").config.routes.front().headers.has_value());
}

TEST(policy_text, whatever_a_text_holds_it_comes_back) {
  for (const std::string_view value :
       {"a\"b", "a'b", "a\"b'c", "a\\b", "a\\'\"", "a\nb\t\x01\x7f\r", "ü", " ", "***"}) {
    SCOPED_TRACE(value);
    gateway_config c;
    c.routes.emplace_back().strip_prefix = value;
    c.upstream = {std::string{value}, "b"};
    const std::string text = policy_text(c);
    const loaded_config again = read_config(text, "shown.toml");
    ASSERT_TRUE(again.report.problems.empty()) << to_text(again.report.problems.front());
    ASSERT_EQ(again.config.routes.size(), 1U);
    EXPECT_EQ(again.config.routes.front().strip_prefix, value);
    EXPECT_EQ(again.config.upstream, c.upstream);
  }
}

TEST(policy_text, a_secret_that_is_set_is_hidden) {
  const catalog_entry secret{.key = "route.service",
                             .kind = value_kind::text,
                             .member = +[](gateway_config& c) -> std::string& { return c.log.format; },
                             .example = "\"x\"",
                             .summary = "",
                             .secret = true};
  gateway_config c;
  EXPECT_EQ(shown_text(secret, c), "\"auto\"");
  c.log.format = "hunter2";
  EXPECT_EQ(shown_text(secret, c), "\"***\"");
  EXPECT_EQ(value_text(secret, c), "\"hunter2\"");
}

}  // namespace
}  // namespace gatehouse
