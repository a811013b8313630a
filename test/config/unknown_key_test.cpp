#include "unknown_key.hpp"

#include <gtest/gtest.h>

#include <gatehouse/config/catalog.hpp>

namespace gatehouse::detail::config {
namespace {

struct foreign_case {
  std::string_view section;
  std::string_view name;
  std::string_view meant;       // in the message
  std::string_view suggestion;  // the whole of it
};

constexpr foreign_case cases[] = {
    // Express and its packages
    {"", "trust proxy", "client_ip.trusted_proxies", "trusted_proxies = [\"10.0.0.0/8\"] under [client_ip]"},
    {"", "port", "listen", "listen = \"127.0.0.1:8080\""},
    {"", "limit", "limits.max_body", "max_body = \"1MiB\" under [limits]"},
    {"limits", "bodyLimit", "limits.max_body", "max_body = \"1MiB\""},
    {"", "allowedHeaders", "cors.request_headers",
     "request_headers = [\"content-type\", \"authorization\"] under [cors]"},
    {"", "origin", "cors.origins", "origins = [\"https://app.example.com\"] under [cors]"},
    {"", "maxAge", "cors.max_age", "max_age = \"10m\" under [cors]"},
    {"", "supports_credentials", "cors.credentials", "credentials = true under [cors]"},
    {"", "windowMs", "rate_limit.window", ""},
    {"headers", "contentSecurityPolicy", "headers.content_security_policy",
     "content_security_policy = \"default-src 'none'\""},
    {"headers", "frameguard", "headers.x_frame_options", "x_frame_options = \"DENY\""},
    // nginx
    {"", "proxy_pass", "upstream", "upstream = \"http://127.0.0.1:5000\""},
    {"", "client_max_body_size", "limits.max_body", "max_body = \"1MiB\" under [limits]"},
    {"", "server_name", "hosts", "hosts = [\"api.example.com\"]"},
    {"", "keepalive_timeout", "limits.idle_timeout", "idle_timeout = \"75s\" under [limits]"},
    // others
    {"", "target", "upstream", "upstream = \"http://127.0.0.1:5000\""},
    {"", "backend", "upstream", "upstream = \"http://127.0.0.1:5000\""},
    // ours, misspelt or misplaced
    {"", "max_body", "limits.max_body", "max_body = \"1MiB\" under [limits]"},
    {"limits", "max_bdoy", "limits.max_body", "max_body = \"1MiB\""},
    {"limits", "listen", "listen", "listen = \"127.0.0.1:8080\" at the top of the file, before the first [section]"},
    {"client_ip", "trustedProxies", "client_ip.trusted_proxies", "trusted_proxies = [\"10.0.0.0/8\"]"},
    {"", "corss", "cors here", "[cors]"},
};

TEST(unknown_key, names_the_right_one) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const config_error e = unknown_key(c.section, c.name, false);
    EXPECT_EQ(e.code, "unknown-key");
    EXPECT_NE(e.message.find("it is called " + std::string{c.meant}), std::string::npos) << e.message;
    EXPECT_EQ(e.suggestion, c.suggestion);
  }
}

TEST(unknown_key, of_a_section_is_a_section) {
  EXPECT_EQ(unknown_key("", "header", true).suggestion, "[headers]");
  EXPECT_EQ(unknown_key("", "limit", true).suggestion, "[limits]");
  EXPECT_EQ(unknown_key("", "clientIp", true).suggestion, "[client_ip]");
}

TEST(unknown_key, without_a_likeness_points_to_the_list) {
  EXPECT_EQ(unknown_key("", "wibble", false).message, "there is no key \"wibble\"; docs/configuration.md has all");
}

TEST(unknown_key, synonyms_name_keys_that_exist_or_are_planned) {
  for (const std::string_view foreign : {"port", "trust_proxy", "limit", "origin", "ssl", "morgan", "change_origin"}) {
    const std::string_view key = synonym_of(foreign);
    const auto sections = config_sections();
    const bool section = std::find(sections.begin(), sections.end(), key) != sections.end();
    EXPECT_TRUE(find_entry(key) != nullptr || find_planned(key) != nullptr || section) << foreign << " → " << key;
  }
}

}  // namespace
}  // namespace gatehouse::detail::config
