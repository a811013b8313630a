#include "upstream_log.hpp"

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

TEST(first_line, finds_what_went_wrong) {
  EXPECT_EQ(first_line("Error: boom\n    at handler (/srv/app.js:3)"), "Error: boom");
  EXPECT_EQ(first_line("\r\n\r\n  Traceback (most recent call last):\r\n"), "Traceback (most recent call last):");
  EXPECT_EQ(first_line(""), "");
  EXPECT_EQ(first_line(std::string(10'000, 'x')).size(), 200U);
}

TEST(first_line, of_an_error_page_is_its_text) {
  EXPECT_EQ(
      first_line("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                 "charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n"
                 "<pre>Error: can&#39;t &lt;connect&gt;<br> &nbsp; &nbsp;at /srv/app.js:3</pre>\n</body>\n</html>\n"),
      "Error: can't <connect>");
  EXPECT_EQ(first_line("<html"), "");
}

}  // namespace
}  // namespace gatehouse::program
