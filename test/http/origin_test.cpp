#include <gatehouse/http/origin.hpp>

#include <gtest/gtest.h>

#include <string>

namespace gatehouse {
namespace {

struct valid_case {
  const char* name;
  std::string_view text, scheme, host;
  std::optional<std::uint16_t> port;
};

constexpr valid_case valid[] = {
    {"a host", "https://app.example.com", "https", "app.example.com", std::nullopt},
    {"a port", "http://localhost:3000", "http", "localhost", 3000},
    {"the other scheme's port", "http://a.example:443", "http", "a.example", 443},
    {"IPv4", "http://127.0.0.1:8080", "http", "127.0.0.1", 8080},
    {"IPv6", "http://[::1]:8080", "http", "[::1]", 8080},
    {"the root's dot", "https://example.com.", "https", "example.com.", std::nullopt},
    {"an underscore", "https://my_app.example.com", "https", "my_app.example.com", std::nullopt},
    {"punycode", "https://xn--bcher-kva.example", "https", "xn--bcher-kva.example", std::nullopt},
    {"an extension", "chrome-extension://abcdefghijklmnop", "chrome-extension", "abcdefghijklmnop", std::nullopt},
    {"an app", "capacitor://localhost", "capacitor", "localhost", std::nullopt},
};

TEST(origin_test, takes_what_browsers_serialise) {
  for (const auto& c : valid) {
    SCOPED_TRACE(c.name);
    const auto o = origin::parse(c.text);
    ASSERT_TRUE(o);
    EXPECT_EQ(o->text, c.text);
    EXPECT_EQ(o->scheme, c.scheme);
    EXPECT_EQ(o->host, c.host);
    EXPECT_EQ(o->port, c.port);
  }
}

TEST(origin_test, no_capital_wherever_it_stands) {
  const std::string text = "https://abc-def.ghi-jkl.mno.example.com";
  for (std::size_t i = std::string_view{"https://"}.size(); i < text.size(); ++i) {
    for (const char capital : {'A', 'M', 'Z'}) {
      std::string changed = text;
      changed[i] = capital;
      EXPECT_FALSE(origin::parse(changed)) << changed;
    }
  }
  // What stands beside the capitals, and what only its highest bit keeps from being one.
  EXPECT_TRUE(origin::parse("https://az09-_.example.com"));
  EXPECT_FALSE(
      origin::parse("https://\xc1"
                    "bcdefg.example.com"));
}

struct invalid_case {
  const char* name;
  std::string text;
};

const invalid_case invalid[] = {
    {"empty", ""},
    {"null is no origin", "null"},
    {"a star", "*"},
    {"no scheme", "example.com"},
    {"no scheme, slashes", "//example.com"},
    {"no host", "https://"},
    {"only a port", "https://:443"},
    {"a slash at the end", "https://example.com/"},
    {"a path", "https://evil.com/.example.com"},
    {"a fragment", "https://evil.com#.example.com"},
    {"a query", "https://evil.com?.example.com"},
    {"userinfo", "https://user@example.com"},
    {"a backslash", "https://evil.com\\.example.com"},
    {"a space", "https://a.example https://b.example"},
    {"a comma", "https://a.example,https://b.example"},
    {"NUL", std::string("https://evil.com\0.example.com", 29)},
    {"a control byte", "https://a\x01.example.com"},
    {"capitals in the scheme", "HTTPS://example.com"},
    {"capitals in the host", "https://Example.com"},
    {"capitals in an address", "https://[2001:DB8::1]"},
    {"the default port of https", "https://example.com:443"},
    {"the default port of http", "http://example.com:80"},
    {"port 0", "https://example.com:0"},
    {"a leading zero", "https://example.com:08443"},
    {"a port too large", "https://example.com:65536"},
    {"a port of letters", "https://example.com:a"},
    {"an empty port", "https://example.com:"},
    {"two ports", "https://example.com:1:2"},
    {"an empty label", "https://a..example.com"},
    {"a dot in front", "https://.example.com"},
    {"unicode",
     "https://b\xc3\xbc"
     "cher.example"},
    {"percent", "https://%65xample.com"},
    {"a bracket left open", "https://[::1"},
    {"a zone", "https://[fe80::1%25eth0]"},
    {"an address that is none", "https://[::g]"},
    {"half an IPv4 address", "https://127.1"},
    {"a scheme of digits", "1http://example.com"},
    {"a label of 64", "https://" + std::string(64, 'a') + ".example"},
    {"a name of 254", "https://" + std::string(50, 'a') + "." + std::string(63, 'a') + "." + std::string(63, 'a') +
                          "." + std::string(63, 'a') + "." + std::string(11, 'a')},
    {"64 KiB", "https://" + std::string(65'536, 'a')},
};

TEST(origin_test, refuses_all_else) {
  for (const auto& c : invalid) EXPECT_FALSE(origin::parse(c.text)) << c.name;
}

// ---------------------------------------------------------------- what is known of the end

void expect_same(const std::optional<origin>& got, const std::optional<origin>& want, const std::string& text) {
  ASSERT_EQ(got.has_value(), want.has_value()) << text;
  if (!want) return;
  ASSERT_EQ(got->text, want->text) << text;
  ASSERT_EQ(got->scheme, want->scheme) << text;
  ASSERT_EQ(got->host, want->host) << text;
  ASSERT_EQ(got->port, want->port) << text;
  ASSERT_EQ(got->address, want->address) << text;
}

/// All texts of up to `most` characters of `alphabet`.
template <typename Each>
void for_each_text(std::string_view alphabet, std::size_t most, std::string& text, const Each& each) {
  each(text);
  if (most == 0) return;
  for (const char c : alphabet) {
    text.push_back(c);
    for_each_text(alphabet, most - 1, text, each);
    text.pop_back();
  }
}

TEST(origin_test, a_known_end_changes_nothing_whatever_stands_before_it) {
  std::string front;
  for_each_text("aZ0.-:[]", 5, front, [](const std::string& before) {
    for (const std::string_view known : {".b", ".b.", ".0-.b9"}) {
      for (const std::string_view port : {"", ":", ":1", ":80", ":b"}) {
        const std::string text = "http://" + before + std::string{known} + std::string{port};
        const std::string_view end = std::string_view{text}.substr(7 + before.size(), known.size());
        expect_same(origin::parse_ending_in(end, text), origin::parse(text), text);
      }
    }
  });
}

TEST(origin_test, a_known_end_changes_nothing_at_the_longest_names_and_labels) {
  for (std::size_t size = 0; size <= 70; ++size) {
    for (const std::size_t labels : {1U, 2U, 3U, 4U}) {
      std::string front;
      for (std::size_t i = 0; i < labels; ++i) front += (i == 0 ? "" : ".") + std::string(size, 'a');
      for (const std::string_view known : {".b", ".b."}) {
        const std::string text = "https://" + front + std::string{known};
        const std::string_view end = std::string_view{text}.substr(text.size() - known.size());
        expect_same(origin::parse_ending_in(end, text), origin::parse(text), text);
      }
    }
  }
}

struct unhelpful_case {
  const char* name;
  std::string_view known;
};
const std::string asked_text = "https://app.example.com.example.com:8443";
const std::string_view asked = asked_text;
const unhelpful_case unhelpful[] = {
    {"nothing", {}},
    {"equal bytes elsewhere", ".example.com"},
    {"in the middle of the host", asked.substr(11, 12)},
    {"the whole host", asked.substr(8, 27)},
    {"with the scheme", asked.substr(5, 30)},
};

TEST(origin_test, what_is_not_the_end_of_the_host_has_no_effect) {
  for (const auto& c : unhelpful) {
    SCOPED_TRACE(c.name);
    expect_same(origin::parse_ending_in(c.known, asked), origin::parse(asked), asked_text);
  }
  // Bytes behind the text, which are not of it.
  expect_same(origin::parse_ending_in(asked.substr(23, 12), asked.substr(0, 23)), origin::parse(asked.substr(0, 23)),
              asked_text);
}

TEST(origin_test, knows_this_machine) {
  for (const char* text : {"http://localhost:3000", "http://app.localhost", "http://127.0.0.1", "http://[::1]:5173"}) {
    EXPECT_TRUE(origin::parse(text)->is_loopback()) << text;
  }
  for (const char* text : {"http://localhost.example", "http://192.168.0.1", "https://example.com"}) {
    EXPECT_FALSE(origin::parse(text)->is_loopback()) << text;
  }
}

}  // namespace
}  // namespace gatehouse
