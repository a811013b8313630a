#include "usage_error.hpp"

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

TEST(usage_error, names_what_was_meant) {
  EXPECT_EQ(explain_unknown_command("chek"), "there is no command \"chek\"; did you mean gatehouse check?");
  EXPECT_EQ(explain_unknown_command("wibble"), "there is no command \"wibble\" (gatehouse --help)");
  EXPECT_EQ(explain_extra("run", {"--upstream", "x"}), "gatehouse run has no option \"--upstream\"; use --to URL");
  EXPECT_EQ(explain_extra("run", {"gatehouse.toml"}), "did you mean -c gatehouse.toml?");
  EXPECT_EQ(explain_extra("demo", {"--onec"}), "gatehouse demo has no option \"--onec\"; did you mean --once?");
  EXPECT_EQ(explain_extra("demo", {"x"}),
            "gatehouse demo does not know what \"x\" is for (gatehouse demo --help lists them)");
}

TEST(usage_error, escapes_what_it_quotes) {
  EXPECT_EQ(explain_unknown_command("\x1b[2J").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::program
