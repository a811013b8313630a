// The man pages and completions have every command, option and key, and say something about each.
#include "manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <gatehouse/config/catalog.hpp>

#include "command_line.hpp"
#include "completions.hpp"

namespace gatehouse::program {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string roff_name(std::string_view name) {
  std::string out;
  for (const char c : name) out.append(c == '-' ? "\\" : "").append(1, c);
  return out;
}

TEST(help, is_read_as_data) {
  const described_command read = read_help(R"(gatehouse run: stands in front

  gatehouse run --to URL
  gatehouse run                  takes ./gatehouse.toml

  --to URL             the API:
                       again for each
  -c, --config FILE    settings
  --once               ends

One remark
of two lines.

Another.
)");
  EXPECT_EQ(read.summary, "stands in front");
  EXPECT_THAT(read.examples,
              ElementsAre("gatehouse run --to URL", "gatehouse run                  takes ./gatehouse.toml"));
  EXPECT_THAT(read.remarks, ElementsAre("One remark of two lines.", "Another."));
  ASSERT_EQ(read.options.size(), 3U);
  EXPECT_THAT(read.options[0].names, ElementsAre("--to"));
  EXPECT_EQ(read.options[0].text, "the API: again for each");
  EXPECT_THAT(read.options[1].names, ElementsAre("-c", "--config"));
  EXPECT_EQ(read.options[1].value, "FILE");
  EXPECT_FALSE(read.options[2].takes_value);
}

TEST(help, describes_every_option_of_every_command) {
  const auto commands = described_commands();
  ASSERT_GE(commands.size(), 5U);
  for (const described_command& command : commands) {
    SCOPED_TRACE(command.name);
    EXPECT_FALSE(command.summary.empty());
    EXPECT_FALSE(command.examples.empty()) << "a text of its own in help.cpp";
    for (const described_option& option : command.options) {
      EXPECT_FALSE(option.text.empty()) << option.names.back() << " needs a line \"  " << option.names.back()
                                        << "  what it does\" in help.cpp";
      EXPECT_EQ(option.takes_value, !option.value.empty()) << option.names.back();
    }
  }
}

TEST(manual, has_every_command_and_option) {
  const auto commands = described_commands();
  const std::string page = program_manual(commands);
  for (const described_command& command : commands) {
    EXPECT_THAT(page, HasSubstr(".SS gatehouse " + command.name + "\n"));
    for (const described_option& option : command.options) {
      for (const std::string& name : option.names) EXPECT_THAT(page, HasSubstr("\\fB" + roff_name(name) + "\\fR"));
    }
  }
}

TEST(manual, has_every_key) {
  const std::string page = configuration_manual();
  for (const catalog_entry& entry : config_catalog()) {
    EXPECT_THAT(page, HasSubstr("\\fB" + roff_name(name_in_section(entry.key)) + "\\fR = ")) << entry.key;
  }
}

TEST(completions, have_every_command_and_option) {
  const auto commands = described_commands();
  for (const std::string_view shell : completion_shells) {
    SCOPED_TRACE(shell);
    const std::string script = completions(shell, commands).value_or("");
    for (const described_command& command : commands) {
      EXPECT_THAT(script, HasSubstr(command.name));
      for (const described_option& option : command.options) {
        for (const std::string& name : option.names) {
          // fish: -l config
          EXPECT_THAT(script, HasSubstr(shell == "fish" ? name.substr(name.find_first_not_of('-')) : name));
        }
      }
    }
  }
  EXPECT_EQ(completions("tcsh", commands), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::program
