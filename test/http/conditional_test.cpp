#include <gatehouse/http/conditional.hpp>

#include <gtest/gtest.h>

#include "request_of.hpp"

namespace gatehouse {
namespace {

using test::request_of;

constexpr auto before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr auto same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto after = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr system_time modified{seconds{784111777} + milliseconds{400}};
constexpr system_time now{seconds{1'700'000'000}};

struct row {
  const char* name;
  test::lines fields;
  precondition want;
  const char* etag = "\"a\"";
  method verb = method::get;
};
constexpr auto go_on = precondition::proceed;
constexpr auto not_modified = precondition::not_modified;
constexpr auto failed = precondition::failed;

TEST(conditional, is_decided_in_the_order_of_the_specification) {
  const row rows[] = {
      {"nothing asked", {}, go_on},
      {"If-Match: the same", {{"If-Match", "\"a\""}}, go_on},
      {"If-Match: another", {{"If-Match", "\"b\""}}, failed},
      {"If-Match: in a list", {{"If-Match", "\"b\" , \"a\""}}, go_on},
      {"If-Match: in another line", {{"If-Match", "\"b\""}, {"If-Match", "\"a\""}}, go_on},
      {"If-Match: anything", {{"If-Match", "*"}}, go_on},
      {"If-Match compares strongly: theirs is weak", {{"If-Match", "W/\"a\""}}, failed},
      {"If-Match compares strongly: ours is weak", {{"If-Match", "\"a\""}}, failed, "W/\"a\""},
      {"If-Match compares strongly: both are weak", {{"If-Match", "W/\"a\""}}, failed, "W/\"a\""},
      {"If-Match without a validator of ours", {{"If-Match", "\"a\""}}, failed, ""},
      {"If-Match without quotes fails", {{"If-Match", "a"}}, failed},
      {"If-Match with a broken list fails", {{"If-Match", "\"a\", \"b"}}, failed},
      {"If-Match, empty, fails", {{"If-Match", ""}}, failed},
      {"If-Unmodified-Since: later", {{"If-Unmodified-Since", after}}, go_on},
      {"If-Unmodified-Since: the same second", {{"If-Unmodified-Since", same}}, go_on},
      {"If-Unmodified-Since: earlier", {{"If-Unmodified-Since", before}}, failed},
      {"If-Unmodified-Since: no date", {{"If-Unmodified-Since", "yesterday"}}, go_on},
      {"If-Match before If-Unmodified-Since", {{"If-Match", "\"a\""}, {"If-Unmodified-Since", before}}, go_on},
      {"If-None-Match: the same", {{"If-None-Match", "\"a\""}}, not_modified},
      {"If-None-Match compares weakly: theirs", {{"If-None-Match", "W/\"a\""}}, not_modified},
      {"If-None-Match compares weakly: ours", {{"If-None-Match", "\"a\""}}, not_modified, "W/\"a\""},
      {"If-None-Match: another", {{"If-None-Match", "\"b\""}}, go_on},
      {"If-None-Match: a comma inside of a tag", {{"If-None-Match", "\"b,c\", \"a\""}}, not_modified},
      {"If-None-Match: empty elements", {{"If-None-Match", ", ,\"a\",,"}}, not_modified},
      {"If-None-Match: anything", {{"If-None-Match", " *"}}, not_modified},
      {"If-None-Match: malformed", {{"If-None-Match", "a"}}, go_on},
      {"If-None-Match of HEAD", {{"If-None-Match", "\"a\""}}, not_modified, "\"a\"", method::head},
      {"If-None-Match of PUT", {{"If-None-Match", "*"}}, failed, "\"a\"", method::put},
      {"If-None-Match of PUT: another", {{"If-None-Match", "\"b\""}}, go_on, "\"a\"", method::put},
      {"If-Modified-Since: the same second", {{"If-Modified-Since", same}}, not_modified},
      {"If-Modified-Since: later", {{"If-Modified-Since", after}}, not_modified},
      {"If-Modified-Since: earlier", {{"If-Modified-Since", before}}, go_on},
      {"If-Modified-Since: no date", {{"If-Modified-Since", "0"}}, go_on},
      {"If-Modified-Since of POST", {{"If-Modified-Since", after}}, go_on, "\"a\"", method::post},
      {"If-None-Match before If-Modified-Since", {{"If-None-Match", "\"b\""}, {"If-Modified-Since", after}}, go_on},
      {"If-Match fails before If-None-Match", {{"If-Match", "\"b\""}, {"If-None-Match", "\"a\""}}, failed},
      {"both hold", {{"If-Match", "\"a\""}, {"If-None-Match", "\"a\""}}, not_modified},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const auto request = request_of(r.verb, r.fields);
    EXPECT_EQ(evaluate(*request, {.etag = r.etag, .last_modified = modified}, now), r.want);
  }
  const auto request = request_of(method::get, {{"If-Modified-Since", after}, {"If-Unmodified-Since", before}});
  EXPECT_EQ(evaluate(*request, {.etag = "\"a\"", .last_modified = {}}, now), go_on) << "no date of ours";
}

TEST(conditional, a_range_is_wanted) {
  struct {
    const char* name;
    test::lines fields;
    bool want;
    const char* etag = "\"a\"";
  } const rows[] = {
      {"without a condition", {}, true},
      {"the same tag", {{"If-Range", "\"a\""}}, true},
      {"another tag", {{"If-Range", "\"b\""}}, false},
      {"a weak tag", {{"If-Range", "W/\"a\""}}, false},
      {"a weak tag of ours", {{"If-Range", "W/\"a\""}}, false, "W/\"a\""},
      {"two tags are none", {{"If-Range", "\"a\", \"b\""}}, false},
      {"exactly this date", {{"If-Range", same}}, true},
      {"a later date", {{"If-Range", after}}, false},
      {"an earlier date", {{"If-Range", before}}, false},
      {"this date, of what may have changed since", {{"If-Range", same}}, false, "W/\"a\""},
      {"neither", {{"If-Range", "a"}}, false},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    const auto request = request_of(method::get, r.fields);
    EXPECT_EQ(range_is_wanted(*request, {.etag = r.etag, .last_modified = modified}, now), r.want);
  }
}

}  // namespace
}  // namespace gatehouse
