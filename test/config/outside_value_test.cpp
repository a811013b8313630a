#include "outside_value.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

#include <gatehouse/config/policy_text.hpp>

namespace gatehouse {
namespace {

using detail::config::filled;
using detail::config::max_secret_bytes;
using detail::config::with_variables;

const char* variables(const char* name) {
  const std::string_view n{name};
  if (n == "HOST") return "api.example.com";
  if (n == "PORT") return "5000";
  if (n == "EMPTY") return "";
  if (n == "NESTED") return "${HOST}";
  if (n == "LATIN1") return "\xe9";
  if (n == "ON") return "true";
  if (n == "FILE") return "file:/etc/passwd";
  return nullptr;
}

struct variable_case {
  std::string_view written;
  std::string_view want;  // a text, or "!" and the code of the error
};

constexpr variable_case cases[] = {
    {"plain", "plain"},
    {"${HOST}", "api.example.com"},
    {"http://${HOST}:${PORT}", "http://api.example.com:5000"},
    {"${EMPTY}", ""},
    {"${NONE:-x}", "x"},
    {"${EMPTY:-x}", "x"},
    {"${HOST:-x}", "api.example.com"},
    {"${NONE:-}", ""},
    {"${NONE:-a:-b $c}", "a:-b $c"},
    {"$${HOST}", "${HOST}"},
    {"$$${HOST}", "$${HOST}"},
    {"$HOST ${HOST} $", "$HOST api.example.com $"},
    {"${NESTED}", "${HOST}"},
    {"a${HOST", "!invalid-variable"},
    {"${}", "!invalid-variable"},
    {"${1A}", "!invalid-variable"},
    {"${HO ST}", "!invalid-variable"},
    {"${HOST-x}", "!invalid-variable"},
    {"${LATIN1}", "!invalid-variable"},
    {"${NONE}", "!unset-variable"},
    {"${HOST}${NONE}", "!unset-variable"},
};

TEST(outside_value, variables_in_texts) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.written);
    const auto got = with_variables(c.written, variables);
    EXPECT_EQ(got ? *got : '!' + got.error().code, c.want);
  }
  EXPECT_EQ(with_variables("${HOST}", nullptr).error().code, "unset-variable");
}

std::string said_of(std::string_view text) {
  const loaded_config loaded = read_config(text, "t.toml", variables);
  std::string out;
  for (const config_problem& p : loaded.report.problems) out += to_text(p) + "\n";
  return out;
}

TEST(outside_value, what_is_missing_is_said_with_its_place_and_once) {
  loaded_config loaded = read_config("hosts = [\"${HOST}\", \"${NONE}\"]\nupstream = \"${NONE}\"\n", "t.toml",
                                     variables);
  judge_config(loaded);
  lint_config(loaded);
  std::string out;
  for (const config_problem& p : loaded.report.problems) out += to_text(p) + "\n";
  EXPECT_EQ(out,
            "t.toml:1:21: error[unset-variable]: hosts: the environment has no NONE\n"
            "  write: ${NONE:-what to use without it}, or set NONE where gatehouse is started\n"
            "t.toml:2:12: error[unset-variable]: upstream: the environment has no NONE\n"
            "  write: ${NONE:-what to use without it}, or set NONE where gatehouse is started\n");
}

TEST(outside_value, fills_keys_of_every_kind) {
  const loaded_config loaded = read_config(R"(
upstream = "http://${HOST}:${PORT}"
threads = "${NONE:-3}"
report_only = "${ON}"
hosts = ["${HOST}", "b.example.com"]
[limits]
max_body = "${NONE:-2}MiB"
max_fields = "${NONE:-20}"
idle_timeout = "${NONE:-7s}"
[errors]
upstream_5xx = "${NONE:-pass}"
[service.a]
upstreams = "http://${HOST}:1"
[[route]]
match = "/$${b}/*"
)",
                                           "t.toml", variables);
  ASSERT_TRUE(loaded.report.problems.empty()) << to_text(loaded.report.problems.front());
  const gateway_config& c = loaded.config;
  EXPECT_EQ(c.upstream, std::vector<std::string>{"http://api.example.com:5000"});
  EXPECT_EQ(c.threads, 3U);
  EXPECT_TRUE(c.report_only);
  EXPECT_EQ(c.host_check.hosts, (std::vector<std::string>{"api.example.com", "b.example.com"}));
  EXPECT_EQ(c.limits.body_bytes, 2U * 1024 * 1024);
  EXPECT_EQ(c.limits.fields, 20U);
  EXPECT_EQ(c.limits.idle_timeout, milliseconds{7'000});
  EXPECT_EQ(c.errors.upstream_5xx, "pass");
  EXPECT_EQ(c.services.front().upstreams, std::vector<std::string>{"http://api.example.com:1"});
  EXPECT_EQ(c.routes.front().match, "/${b}/*");
  // What is shown has no variables left, and is read as it is.
  const std::string shown = policy_text(c);
  EXPECT_EQ(policy_text(read_config(shown, "shown.toml").config), shown);
}

TEST(outside_value, numbers_and_truths_are_texts_only_where_they_come_from_outside) {
  EXPECT_EQ(said_of("threads = \"3\""),
            "t.toml:1:11: error[wrong-type]: threads must be a number, not a text\n"
            "  write: threads = 3\n");
  EXPECT_EQ(said_of("threads = \"${HOST}\""),
            "t.toml:1:11: error[out-of-range]: threads can be 0 to 256, not "
            "api.example.com\n  write: threads = 0\n");
  EXPECT_EQ(
      said_of("report_only = \"${PORT}\""),
      "t.toml:1:15: error[wrong-type]: report_only must be true or false, not a text\n  write: report_only = true\n");
}

/// A key whose value is a secret.
constexpr catalog_entry token{.key = "log.format",
                              .kind = value_kind::text,
                              .member = +[](gateway_config& c) -> std::string& { return c.log.format; },
                              .example = "\"file:/run/secrets/token\"",
                              .summary = "",
                              .secret = true};
constexpr catalog_entry plain{.key = "log.format",
                              .kind = value_kind::text,
                              .member = +[](gateway_config& c) -> std::string& { return c.log.format; },
                              .example = "\"a\"",
                              .summary = ""};

class secret_files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-secrets-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(std::string_view text, ::mode_t mode = 0600) {
    std::string path = folder_ / std::to_string(++count_);
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  /// The text, or "!" and the code.
  static std::string read(const std::string& path) {
    const auto got = filled(token, "file:" + path, variables);
    return got ? got->text : '!' + got.error().code;
  }
  std::filesystem::path folder_;

 private:
  int count_ = 0;
};

TEST_F(secret_files, are_read_without_one_line_end) {
  EXPECT_EQ(read(file("hunter2")), "hunter2");
  EXPECT_EQ(read(file("hunter2\n")), "hunter2");
  EXPECT_EQ(read(file("hunter2\r\n")), "hunter2");
  EXPECT_EQ(read(file("hunter2\n\n")), "hunter2\n");
  EXPECT_EQ(read(file(" a ${HOST} ")), " a ${HOST} ");
  EXPECT_EQ(read(file(std::string(max_secret_bytes, 'x') + "\n")), std::string(max_secret_bytes, 'x'));
}

TEST_F(secret_files, that_cannot_be_used_are_refused_and_not_quoted) {
  EXPECT_EQ(read(file(std::string(max_secret_bytes + 1, 'x'))), "!cannot-read");
  EXPECT_EQ(read(file("")), "!cannot-read");
  EXPECT_EQ(read(file("\n")), "!cannot-read");
  EXPECT_EQ(read(folder_), "!cannot-read");
  EXPECT_EQ(read(folder_ / "none"), "!cannot-read");
  EXPECT_EQ(read("relative"), "!not-absolute");
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read(pipe), "!cannot-read");
  const auto binary = filled(token, "file:" + file("hunter2\xff"), variables);
  ASSERT_FALSE(binary);
  EXPECT_EQ(binary.error().message.find("hunter2"), std::string::npos) << binary.error().message;
}

TEST_F(secret_files, that_everyone_reads_are_known) {
  EXPECT_FALSE(filled(token, "file:" + file("a", 0640), variables)->everyone_reads_it);
  EXPECT_TRUE(filled(token, "file:" + file("a", 0644), variables)->everyone_reads_it);
}

TEST_F(secret_files, are_named_by_secrets_only_and_by_what_is_written) {
  const std::string path = file("hunter2");
  EXPECT_EQ(filled(token, "file:" + path, variables)->secret_file, path);
  EXPECT_EQ(filled(plain, "file:" + path, variables)->text, "file:" + path);
  EXPECT_EQ(filled(token, "${FILE}", variables)->text, "file:/etc/passwd");
  EXPECT_EQ(filled(token, "file:${NONE:-" + folder_.string() + "}/1", variables)->text, "hunter2");
  EXPECT_EQ(filled(token, "***", variables).error().code, "hidden-value");
  EXPECT_EQ(filled(plain, "***", variables)->text, "***");
}

}  // namespace
}  // namespace gatehouse
