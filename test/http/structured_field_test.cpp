#include <gatehouse/http/structured_field.hpp>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::structured {
namespace {

// ------------------------------------------------------------------------------------------------ how it is asked

using kind = result<std::string, parse_error> (*)(std::string_view);

/// Parses and serialises; what was serialised must parse to the same value and serialise to itself.
template <typename Field>
result<std::string, parse_error> canonical(std::string_view value,
                                           result<Field, parse_error> (*parse)(std::string_view)) {
  const auto parsed = parse(value);
  if (!parsed) return failure{parsed.error()};
  const auto text = serialize(*parsed);
  if (!text) return std::string{"not serialised"};
  const auto again = parse(*text);
  if (!again || !(*again == *parsed) || serialize(*again).value_or("") != *text) {
    return "not its own canonical form: " + *text;
  }
  return *text;
}
result<std::string, parse_error> as_item(std::string_view value) { return canonical(value, parse_item); }
result<std::string, parse_error> as_list(std::string_view value) { return canonical(value, parse_list); }
result<std::string, parse_error> as_dictionary(std::string_view value) { return canonical(value, parse_dictionary); }

struct accepted {
  const char* name;
  std::string value;
  std::string want;
};
void expect(kind parse, const std::vector<accepted>& rows) {
  for (const accepted& r : rows) {
    SCOPED_TRACE(r.name);
    const auto got = parse(r.value);
    if (got) {
      EXPECT_EQ(*got, r.want);
    } else {
      ADD_FAILURE() << "refused at " << got.error().offset << ": expected " << got.error().expected;
    }
  }
}

struct refused {
  const char* name;
  std::string value;
  std::size_t offset;
  const char* expected;
};
void expect(kind parse, const std::vector<refused>& rows) {
  for (const refused& r : rows) {
    SCOPED_TRACE(r.name);
    const auto got = parse(r.value);
    if (got) {
      ADD_FAILURE() << "accepted as " << *got;
      continue;
    }
    EXPECT_EQ(got.error().offset, r.offset);
    EXPECT_EQ(got.error().expected, r.expected);
  }
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}
/// "a0,a1,..." and the like.
std::string numbered(std::string_view prefix, std::size_t count, std::string_view separator) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all.append(i == 0 ? "" : separator).append(prefix).append(std::to_string(i));
  }
  return all;
}

// ------------------------------------------------------------------------------------------------ bare items

TEST(structured_field, values_are_what_was_written) {
  struct {
    const char* name;
    std::string value;
    bare_item want;
  } const rows[] = {
      {"an integer", "42", 42},
      {"a negative integer", "-42", -42},
      {"minus zero is zero", "-0", 0},
      {"the largest integer", "999999999999999", max_number},
      {"the smallest integer", "-999999999999999", -max_number},
      {"a decimal", "1.5", decimal{1500}},
      {"a decimal's three digits", "-0.125", decimal{-125}},
      {"a decimal's small part", "2.05", decimal{2050}},
      {"minus zero point zero", "-0.0", decimal{0}},
      {"the largest decimal", "999999999999.999", decimal{max_number}},
      {"an integer and a decimal are two things", "1.0", decimal{1000}},
      {"a string", "\"a b\"", "a b"},
      {"a string with escapes", R"("a\"b\\c")", R"(a"b\c)"},
      {"an empty string", "\"\"", ""},
      {"a token", "foo", token{"foo"}},
      {"a token and a string are two things", "\"foo\"", "foo"},
      {"bytes", ":aGVsbG8=:", byte_sequence{"hello"}},
      {"no bytes", "::", byte_sequence{}},
      {"bytes of every kind", ":AP+A:", byte_sequence{std::string{"\x00\xff\x80", 3}}},
      {"true", "?1", true},
      {"false", "?0", false},
      {"a date", "@1659578233", date{1659578233}},
      {"a date before 1970", "@-1", date{-1}},
      {"a display string", "%\"f%c3%bc%c3%bc\"", display_string{"f\xc3\xbc\xc3\xbc"}},
      {"a display string with a line break", "%\"a%0d%0ab\"", display_string{"a\r\nb"}},
      {"a display string with NUL", "%\"%00\"", display_string{std::string(1, '\0')}},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    const auto got = parse_item(r.value);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->value == r.want);
    EXPECT_EQ(got->value.kind(), r.want.kind());
    EXPECT_TRUE(got->parameters.empty());
  }
}

TEST(structured_field, numbers_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"one digit", "0", "0"},
                      {"several", "1234567890", "1234567890"},
                      {"negative", "-5", "-5"},
                      {"leading zeros", "007", "7"},
                      {"leading zeros of a negative one", "-007", "-7"},
                      {"fifteen zeros", "000000000000000", "0"},
                      {"minus zero", "-0", "0"},
                      {"fifteen digits", "123456789012345", "123456789012345"},
                      {"fifteen digits, negative", "-123456789012345", "-123456789012345"},
                      {"a decimal", "1.5", "1.5"},
                      {"a decimal with a zero", "1.0", "1.0"},
                      {"trailing zeros", "1.500", "1.5"},
                      {"only zeros behind the point", "1.000", "1.0"},
                      {"a zero between", "1.050", "1.05"},
                      {"a small one", "0.001", "0.001"},
                      {"leading zeros of a decimal", "00.5", "0.5"},
                      {"a negative decimal", "-1.25", "-1.25"},
                      {"a negative decimal below one", "-0.5", "-0.5"},
                      {"minus zero point zero", "-0.0", "0.0"},
                      {"twelve digits and three", "123456789012.125", "123456789012.125"},
                      {"twelve digits and one", "-123456789012.1", "-123456789012.1"},
                      {"spaces around it", "  1  ", "1"},
                  });
}

TEST(structured_field, other_numbers_are_refused) {
  expect(as_item,
         std::vector<refused>{
             {"only a minus", "-", 1, "a digit"},
             {"two minus", "--1", 1, "a digit"},
             {"a plus", "+1", 0, "an item"},
             {"a space behind the minus", "- 1", 1, "a digit"},
             {"sixteen digits", "1234567890123456", 15, "at most 15 digits"},
             {"sixteen digits, negative", "-1234567890123456", 16, "at most 15 digits"},
             {"sixteen zeros", "0000000000000000", 15, "at most 15 digits"},
             {"thirteen digits before the point", "1234567890123.1", 13, "at most 12 digits before the point"},
             {"fifteen digits before the point", "123456789012345.1", 15, "at most 12 digits before the point"},
             {"four digits behind the point", "1.2345", 5, "at most 3 digits behind the point"},
             {"four zeros behind the point", "1.0000", 5, "at most 3 digits behind the point"},
             {"nothing behind the point", "1.", 2, "a digit behind the point"},
             {"a minus behind the point", "1.-1", 2, "a digit behind the point"},
             {"nothing before the point", ".5", 0, "an item"},
             {"only a minus before the point", "-.5", 1, "a digit"},
             {"two points", "1.2.3", 3, "the end"},
             {"an exponent", "1e3", 1, "the end"},
             {"hexadecimal", "0x10", 1, "the end"},
             {"a letter behind it", "1a", 1, "the end"},
             {"two of them", "1 2", 2, "the end"},
             {"a comma", "1,000", 1, "the end"},
             {"an underscore", "1_000", 1, "the end"},
         });
}

TEST(structured_field, strings_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"letters", "\"foo\"", "\"foo\""},
                      {"empty", "\"\"", "\"\""},
                      {"only spaces", "\"   \"", "\"   \""},
                      {"all visible ASCII", "\" !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~\"",
                       "\" !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~\""},
                      {"an escaped quote", R"("\"")", R"("\"")"},
                      {"an escaped backslash", R"("\\")", R"("\\")"},
                      {"escapes between letters", R"("a\\b\"c")", R"("a\\b\"c")"},
                      {"a percent sign means itself", "\"%41\"", "\"%41\""},
                      {"a long one", "\"" + repeated("x", 1024) + "\"", "\"" + repeated("x", 1024) + "\""},
                  });
}

TEST(structured_field, other_strings_are_refused) {
  expect(as_item, std::vector<refused>{
                      {"not closed", "\"foo", 4, "'\"'"},
                      {"only a quote", "\"", 1, "'\"'"},
                      {"closed by an escaped quote", R"("foo\")", 6, "'\"'"},
                      {"a backslash at the end", R"("foo\)", 5, "'\"' or '\\' behind '\\'"},
                      {"an escaped letter", R"("\n")", 2, "'\"' or '\\' behind '\\'"},
                      {"an escaped apostrophe", R"("\'")", 2, "'\"' or '\\' behind '\\'"},
                      {"a TAB", "\"a\tb\"", 2, "a visible ASCII character or a space"},
                      {"a line feed", "\"a\nb\"", 2, "a visible ASCII character or a space"},
                      {"NUL", std::string{"\"a\0b\"", 5}, 2, "a visible ASCII character or a space"},
                      {"DEL", "\"\x7f\"", 1, "a visible ASCII character or a space"},
                      {"UTF-8", "\"f\xc3\xbc\"", 2, "a visible ASCII character or a space"},
                      {"in apostrophes", "'foo'", 0, "an item"},
                      {"two strings", R"("foo" "bar")", 6, "the end"},
                      {"two strings, touching", R"("foo""bar")", 5, "the end"},
                  });
}

TEST(structured_field, tokens_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"letters", "foo", "foo"},
                      {"capitals", "FooBar", "FooBar"},
                      {"one letter", "a", "a"},
                      {"an asterisk", "*", "*"},
                      {"a media range", "*/*", "*/*"},
                      {"a colon and slashes", "https://a.example", "https://a.example"},
                      {"all that tokens have", "a!#$%&'*+-.^_`|~09AZ:/", "a!#$%&'*+-.^_`|~09AZ:/"},
                      {"digits behind the first", "a1", "a1"},
                      {"a long one", repeated("t", 512), repeated("t", 512)},
                  });
}

TEST(structured_field, other_tokens_are_refused) {
  expect(as_item, std::vector<refused>{
                      {"an underscore first", "_a", 0, "an item"},
                      {"a slash first", "/a", 0, "an item"},
                      {"a colon first is bytes", ":a", 2, "base64 up to a ':'"},
                      {"parentheses", "a()", 1, "the end"},
                      {"a quote inside", "a\"b\"", 1, "the end"},
                      {"an equals sign", "a=b", 1, "the end"},
                      {"braces", "a{b}", 1, "the end"},
                      {"two of them", "a b", 2, "the end"},
                      {"a letter beyond ASCII", "f\xc3\xbc", 1, "the end"},
                      {"beginning beyond ASCII", "\xc3\xbc", 0, "an item"},
                      {"a comma", "a,b", 1, "the end"},
                      {"a backslash", "a\\b", 1, "the end"},
                  });
}

TEST(structured_field, byte_sequences_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"none", "::", "::"},
                      {"one byte", ":YQ==:", ":YQ==:"},
                      {"two bytes", ":YWI=:", ":YWI=:"},
                      {"three bytes", ":YWJj:", ":YWJj:"},
                      {"four bytes", ":YWJjZA==:", ":YWJjZA==:"},
                      {"the whole alphabet", ":ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/:",
                       ":ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/:"},
                      {"padding left out, one", ":YWI:", ":YWI=:"},
                      {"padding left out, two", ":YQ:", ":YQ==:"},
                      {"bits that are too many, one byte", ":YR==:", ":YQ==:"},
                      {"bits that are too many, two bytes", ":YWL=:", ":YWI=:"},
                      {"bits that are too many and no padding", ":YR:", ":YQ==:"},
                      {"16384 bytes", ":" + repeated("AAAA", 5461) + "AA==:", ":" + repeated("AAAA", 5461) + "AA==:"},
                  });
}

TEST(structured_field, other_byte_sequences_are_refused) {
  expect(as_item, std::vector<refused>{
                      {"not closed", ":YQ==", 5, "base64 up to a ':'"},
                      {"only a colon", ":", 1, "base64 up to a ':'"},
                      {"one character", ":Y:", 1, "base64"},
                      {"five characters", ":YWJjZ:", 1, "base64"},
                      {"padding first", ":=YQ=:", 1, "base64"},
                      {"padding in the middle", ":Y=Q=:", 1, "base64"},
                      {"padding between groups", ":YQ==YQ==:", 1, "base64"},
                      {"half of the padding", ":YQ=:", 1, "base64"},
                      {"too much padding", ":YWI==:", 1, "base64"},
                      {"padding of a full group", ":YWJj=:", 1, "base64"},
                      {"a group of padding", ":YWJj====:", 1, "base64"},
                      {"only padding", ":=:", 1, "base64"},
                      {"only padding, a group", ":====:", 1, "base64"},
                      {"a space", ":YQ ==:", 3, "base64 up to a ':'"},
                      {"a line feed", ":YQ\n==:", 3, "base64 up to a ':'"},
                      {"the alphabet of URLs, minus", ":_w==:", 1, "base64 up to a ':'"},
                      {"the alphabet of URLs, underscore", ":-w==:", 1, "base64 up to a ':'"},
                      {"beyond ASCII", ":\xc3\xbc==:", 1, "base64 up to a ':'"},
                      {"something behind it", ":YQ==:a", 6, "the end"},
                      {"as RFC 8941's drafts had it", "*YQ==*", 3, "the end"},
                  });
}

TEST(structured_field, booleans_are_read) {
  expect(as_item, std::vector<accepted>{{"true", "?1", "?1"}, {"false", "?0", "?0"}});
  expect(as_item, std::vector<refused>{
                      {"nothing behind the mark", "?", 1, "'0' or '1'"},
                      {"another digit", "?2", 1, "'0' or '1'"},
                      {"a letter", "?t", 1, "'0' or '1'"},
                      {"a minus", "?-0", 1, "'0' or '1'"},
                      {"two digits", "?10", 2, "the end"},
                      {"a decimal", "?0.0", 2, "the end"},
                      {"a space", "? 1", 1, "'0' or '1'"},
                  });
}

TEST(structured_field, dates_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"1970", "@0", "@0"},
                      {"2022", "@1659578233", "@1659578233"},
                      {"before 1970", "@-1659578233", "@-1659578233"},
                      {"minus zero", "@-0", "@0"},
                      {"the year 9999", "@253402300799", "@253402300799"},
                      {"the last", "@999999999999999", "@999999999999999"},
                      {"the first", "@-999999999999999", "@-999999999999999"},
                  });
  expect(as_item, std::vector<refused>{
                      {"no number", "@", 1, "a digit"},
                      {"a decimal", "@1659578233.12", 11, "whole seconds"},
                      {"a long decimal", "@1234567890123.1", 14, "whole seconds"},
                      {"only a point behind it", "@1.", 2, "whole seconds"},
                      {"sixteen digits", "@1234567890123456", 16, "at most 15 digits"},
                      {"a text", "@\"0\"", 1, "a digit"},
                      {"a space", "@ 0", 1, "a digit"},
                      {"two marks", "@@0", 1, "a digit"},
                      {"only a minus", "@-", 2, "a digit"},
                  });
}

TEST(structured_field, display_strings_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"ASCII", "%\"foo bar\"", "%\"foo bar\""},
                      {"empty", "%\"\"", "%\"\""},
                      {"two bytes", "%\"f%c3%bc%c3%bc\"", "%\"f%c3%bc%c3%bc\""},
                      {"three bytes", "%\"%e2%82%ac\"", "%\"%e2%82%ac\""},
                      {"four bytes", "%\"%f0%9f%98%80\"", "%\"%f0%9f%98%80\""},
                      {"ASCII that need not be encoded", "%\"%41\"", "%\"A\""},
                      {"a space that need not be encoded", "%\"%20\"", "%\" \""},
                      {"an encoded percent sign", "%\"%25\"", "%\"%25\""},
                      {"an encoded quote", "%\"%22\"", "%\"%22\""},
                      {"a backslash means itself", "%\"\\\"", "%\"\\\""},
                      {"control bytes", "%\"%00%0a%1f%7f\"", "%\"%00%0a%1f%7f\""},
                      {"a byte order mark", "%\"%ef%bb%bf\"", "%\"%ef%bb%bf\""},
                      {"the last code point", "%\"%f4%8f%bf%bf\"", "%\"%f4%8f%bf%bf\""},
                  });
}

TEST(structured_field, other_display_strings_are_refused) {
  expect(as_item, std::vector<refused>{
                      {"only a percent sign", "%", 1, "'\"' behind '%'"},
                      {"no quote", "%foo", 1, "'\"' behind '%'"},
                      {"a space before the quote", "% \"foo\"", 1, "'\"' behind '%'"},
                      {"in apostrophes", "%'foo'", 1, "'\"' behind '%'"},
                      {"not closed", "%\"foo", 5, "'\"'"},
                      {"only opened", "%\"", 2, "'\"'"},
                      {"capitals", "%\"%C3%BC\"", 3, "two of 0-9 and a-f behind '%'"},
                      {"a capital second", "%\"%cA\"", 4, "two of 0-9 and a-f behind '%'"},
                      {"one digit, then the end", "%\"%a", 4, "two of 0-9 and a-f behind '%'"},
                      {"one digit, then the quote", "%\"%a\"", 4, "two of 0-9 and a-f behind '%'"},
                      {"no digit", "%\"%\"", 3, "two of 0-9 and a-f behind '%'"},
                      {"a letter that is no digit", "%\"%g0\"", 3, "two of 0-9 and a-f behind '%'"},
                      {"UTF-8 as it is", "%\"f\xc3\xbc\"", 3, "a visible ASCII character or a space"},
                      {"a TAB", "%\"\t\"", 2, "a visible ASCII character or a space"},
                      {"a line feed", "%\"a\n\"", 3, "a visible ASCII character or a space"},
                      {"DEL", "%\"\x7f\"", 2, "a visible ASCII character or a space"},
                      {"half a character", "%\"a%c3\"", 2, "UTF-8"},
                      {"a continuation alone", "%\"%bc\"", 2, "UTF-8"},
                      {"overlong", "%\"%c0%af\"", 2, "UTF-8"},
                      {"a surrogate", "%\"%ed%a0%80\"", 2, "UTF-8"},
                      {"behind the last code point", "%\"%f4%90%80%80\"", 2, "UTF-8"},
                      {"a byte that UTF-8 never has", "%\"%ff\"", 2, "UTF-8"},
                      {"an escaped quote ends it", "%\"a\\\"b\"", 5, "the end"},
                  });
}

// ------------------------------------------------------------------------------------------------ items, parameters

TEST(structured_field, items_are_read) {
  expect(as_item, std::vector<accepted>{
                      {"spaces around it", "  a  ", "a"},
                      {"a parameter", "a;b=1", "a;b=1"},
                      {"a parameter without a value", "a;b", "a;b"},
                      {"a parameter that is true", "a;b=?1", "a;b"},
                      {"a parameter that is false", "a;b=?0", "a;b=?0"},
                      {"several", "a;b=1;c=\"x\";d=:YQ==:;e=@1;f=%\"%c3%bc\";g=t;h=1.5",
                       "a;b=1;c=\"x\";d=:YQ==:;e=@1;f=%\"%c3%bc\";g=t;h=1.5"},
                      {"spaces behind the semicolon", "a;   b=1", "a;b=1"},
                      {"a key twice: the last, at the place of the first", "a;b=1;c=2;b=3", "a;b=3;c=2"},
                      {"a key thrice", "a;b=1;b;b=x", "a;b=x"},
                      {"several keys twice", "a;b=1;c=1;b=2;c=2;d", "a;b=2;c=2;d"},
                      {"keys of all characters", "a;*a-b_c.d9*=1;*", "a;*a-b_c.d9*=1;*"},
                      {"a long key", "a;" + repeated("k", 64) + "=1", "a;" + repeated("k", 64) + "=1"},
                      {"a media type", "text/html;charset=utf-8;q=0.5", "text/html;charset=utf-8;q=0.5"},
                      {"256 parameters", "a;" + numbered("p", 256, ";"), "a;" + numbered("p", 256, ";")},
                      {"a parameter of a decimal", "1.0;a", "1.0;a"},
                  });
}

TEST(structured_field, other_items_are_refused) {
  expect(as_item, std::vector<refused>{
                      {"nothing", "", 0, "an item"},
                      {"only spaces", "  ", 2, "an item"},
                      {"a TAB before it", "\ta", 0, "an item"},
                      {"a TAB behind it", "a\t", 1, "the end"},
                      {"a line break behind it", "a\r\n", 1, "the end"},
                      {"a line feed before it", "\na", 0, "an item"},
                      {"NUL", std::string(1, '\0'), 0, "an item"},
                      {"NUL behind it", std::string{"a\0", 2}, 1, "the end"},
                      {"an inner list", "(a)", 0, "an item"},
                      {"a list", "a, b", 1, "the end"},
                      {"only a parameter", ";a", 0, "an item"},
                      {"a semicolon at the end", "a;", 2, "a key"},
                      {"a semicolon and spaces", "a;  ", 4, "a key"},
                      {"two semicolons", "a;;b", 2, "a key"},
                      {"a space before the semicolon", "a ;b", 2, "the end"},
                      {"a TAB behind the semicolon", "a;\tb", 2, "a key"},
                      {"a key with a capital", "a;B=1", 2, "a key"},
                      {"a capital inside of a key", "a;bC=1", 3, "the end"},
                      {"a key that begins with a digit", "a;1b", 2, "a key"},
                      {"a key that begins with a minus", "a;-b", 2, "a key"},
                      {"a key that begins with an underscore", "a;_b", 2, "a key"},
                      {"a key beyond ASCII", "a;\xc3\xbc=1", 2, "a key"},
                      {"no value behind the equals sign", "a;b=", 4, "an item"},
                      {"a space behind the equals sign", "a;b= 1", 4, "an item"},
                      {"a space before the equals sign", "a;b =1", 4, "the end"},
                      {"an inner list as a value", "a;b=(1)", 4, "an item"},
                      {"two equals signs", "a;b==1", 4, "an item"},
                      {"257 parameters", "a;" + numbered("p", 256, ";") + ";b", 1171, "at most 256 parameters"},
                      {"257 times one parameter", "a" + repeated(";b", 257), 513, "at most 256 parameters"},
                  });
}

// ------------------------------------------------------------------------------------------------ lists

TEST(structured_field, lists_are_read) {
  expect(as_list,
         std::vector<accepted>{
             {"nothing", "", ""},
             {"only spaces", "   ", ""},
             {"one member", "1", "1"},
             {"several", "1, 2, 3", "1, 2, 3"},
             {"without spaces", "1,2,3", "1, 2, 3"},
             {"spaces before the comma", "1 , 2", "1, 2"},
             {"TABs around the comma", "1\t,\t2", "1, 2"},
             {"many spaces and TABs", "1 \t \t, \t 2", "1, 2"},
             {"spaces around all", "  1, 2  ", "1, 2"},
             {"a TAB behind the last", "1\t", "1"},
             {"all types", "1, 1.5, \"s\", t, :YQ==:, ?0, @1, %\"d\"", "1, 1.5, \"s\", t, :YQ==:, ?0, @1, %\"d\""},
             {"what is true is written", "?1", "?1"},
             {"parameters", "a;q=1, b;q=0.5", "a;q=1, b;q=0.5"},
             {"commas in strings", "\"a,b\", \"c\"", "\"a,b\", \"c\""},
             {"the same member twice", "a, a", "a, a"},
             {"an inner list", "(1 2)", "(1 2)"},
             {"an empty inner list", "()", "()"},
             {"an inner list of spaces", "(   )", "()"},
             {"spaces in an inner list", "(  1   2  )", "(1 2)"},
             {"inner lists", "(1 2), (3), ()", "(1 2), (3), ()"},
             {"inner lists and items", "(a), b, (c)", "(a), b, (c)"},
             {"parameters of an inner list", "(a b);c=1;d", "(a b);c=1;d"},
             {"parameters inside and outside", "(a;x=1 b;y);z=\"v\"", "(a;x=1 b;y);z=\"v\""},
             {"spaces behind an inner semicolon", "(a; x)", "(a;x)"},
             {"strings touch parentheses", "(\"a\" \"b\")", "(\"a\" \"b\")"},
             {"parentheses in a string", "(\")\" \"(\")", "(\")\" \"(\")"},
             {"1024 members", numbered("m", 1024, ", "), numbered("m", 1024, ", ")},
             {"256 items of an inner list", "(" + numbered("i", 256, " ") + ")", "(" + numbered("i", 256, " ") + ")"},
         });
}

TEST(structured_field, other_lists_are_refused) {
  expect(as_list, std::vector<refused>{
                      {"a TAB before the first", "\t1", 0, "an item"},
                      {"a comma at the end", "1,", 2, "a member behind ','"},
                      {"a comma and spaces at the end", "1, \t", 4, "a member behind ','"},
                      {"a comma first", ",1", 0, "an item"},
                      {"only a comma", ",", 0, "an item"},
                      {"two commas", "1,,2", 2, "an item"},
                      {"an empty member", "1, ,2", 3, "an item"},
                      {"no comma", "1 2", 2, "','"},
                      {"a semicolon instead of a comma", "1; 2", 3, "a key"},
                      {"a line break between", "1,\r\n2", 2, "an item"},
                      {"an unclosed inner list", "(1", 2, "' ' or ')'"},
                      {"an unclosed inner list with a space", "(1 ", 3, "')'"},
                      {"only opened", "(", 1, "')'"},
                      {"only closed", ")", 0, "an item"},
                      {"closed twice", "(1))", 3, "','"},
                      {"a list in an inner list", "((1))", 1, "an item"},
                      {"commas in an inner list", "(1, 2)", 2, "' ' or ')'"},
                      {"a TAB in an inner list", "(1\t2)", 2, "' ' or ')'"},
                      {"a TAB first in an inner list", "(\t1)", 1, "an item"},
                      {"items that touch", "(\"a\"\"b\")", 4, "' ' or ')'"},
                      {"a space before an inner semicolon", "(a ;b)", 3, "an item"},
                      {"a space before the semicolon of an inner list", "(a) ;b", 4, "','"},
                      {"a bad member behind good ones", "1, 2, -", 7, "a digit"},
                      {"a string over a comma", "\"a, b", 5, "'\"'"},
                      {"a dictionary", "a=1", 1, "','"},
                      {"1025 members", repeated("1,", 1024) + "1", 2048, "at most 1024 members"},
                      {"257 items of an inner list", "(" + repeated("1 ", 256) + "1)", 513, "at most 256 items"},
                      {"257 parameters of an inner list", "()" + repeated(";a", 257), 514, "at most 256 parameters"},
                  });
}

// ------------------------------------------------------------------------------------------------ dictionaries

TEST(structured_field, dictionaries_are_read) {
  expect(as_dictionary,
         std::vector<accepted>{
             {"nothing", "", ""},
             {"only spaces", "  ", ""},
             {"one member", "a=1", "a=1"},
             {"several", "a=1, b=2", "a=1, b=2"},
             {"without spaces", "a=1,b=2", "a=1, b=2"},
             {"TABs and spaces around the comma", "a=1 \t,\t b=2", "a=1, b=2"},
             {"spaces around all", "  a=1  ", "a=1"},
             {"a TAB behind the last", "a=1\t", "a=1"},
             {"a key alone is true", "a", "a"},
             {"true", "a=?1", "a"},
             {"false", "a=?0", "a=?0"},
             {"keys alone, and others", "a, b=x, c", "a, b=x, c"},
             {"a key alone with parameters", "a;x=1, b", "a;x=1, b"},
             {"true with parameters", "a=?1;x=1;y", "a;x=1;y"},
             {"an inner list", "a=(1 2)", "a=(1 2)"},
             {"an empty inner list", "camera=()", "camera=()"},
             {"an inner list with parameters", "a=(1;x 2);y=3", "a=(1;x 2);y=3"},
             {"an inner list of one that is true", "a=(?1)", "a=(?1)"},
             {"all types", "a=1, b=1.5, c=\"s\", d=t, e=:YQ==:, f=@1, g=%\"d\"",
              "a=1, b=1.5, c=\"s\", d=t, e=:YQ==:, f=@1, g=%\"d\""},
             {"a key twice: the last, at the place of the first", "a=1, b=2, a=3", "a=3, b=2"},
             {"a key twice, the last is true", "a=1;x, b, a", "a, b"},
             {"keys twice, with other kinds", "a=(1), b=2, a=t, b=()", "a=t, b=()"},
             {"all keys the same", repeated("a,", 1023) + "a=1", "a=1"},
             {"keys of all characters", "*a-b_c.d9*=1, *", "*a-b_c.d9*=1, *"},
             {"1024 members", numbered("k", 1024, ", "), numbered("k", 1024, ", ")},
             {"a permissions policy", "geolocation=(self \"https://a.example\"), camera=*, midi=()",
              "geolocation=(self \"https://a.example\"), camera=*, midi=()"},
             {"reporting endpoints", "default=\"https://r.example/a?b=1,2\"", "default=\"https://r.example/a?b=1,2\""},
             {"a priority", "u=1,i", "u=1, i"},
         });
}

TEST(structured_field, other_dictionaries_are_refused) {
  expect(as_dictionary, std::vector<refused>{
                            {"a TAB before the first", "\ta=1", 0, "a key"},
                            {"a comma at the end", "a=1,", 4, "a member behind ','"},
                            {"a comma and a space at the end", "a=1, ", 5, "a member behind ','"},
                            {"a comma first", ",a=1", 0, "a key"},
                            {"two commas", "a=1,,b=2", 4, "a key"},
                            {"no comma", "a=1 b=2", 4, "','"},
                            {"a semicolon at the end", "a=1;", 4, "a key"},
                            {"a capital", "A=1", 0, "a key"},
                            {"a capital inside", "aB=1", 1, "','"},
                            {"a digit first", "1a=1", 0, "a key"},
                            {"a quoted key", "\"a\"=1", 0, "a key"},
                            {"an item that is no key", "?1", 0, "a key"},
                            {"no key", "=1", 0, "a key"},
                            {"no value", "a=", 2, "an item"},
                            {"no value, then another member", "a=, b=1", 2, "an item"},
                            {"spaces before the equals sign", "a =1", 2, "','"},
                            {"spaces behind the equals sign", "a= 1", 2, "an item"},
                            {"two values", "a=1=2", 3, "','"},
                            {"an inner list alone", "(a b)", 0, "a key"},
                            {"an unclosed inner list", "a=(1 2", 6, "' ' or ')'"},
                            {"a bad member behind good ones", "a=1, b=2, c=-", 13, "a digit"},
                            {"a repeated key does not hide a bad value", "a=-, a=1", 3, "a digit"},
                            {"NUL", std::string{"a\0=1", 4}, 1, "','"},
                            {"1025 members", numbered("k", 1024, ",") + ",a", 5034, "at most 1024 members"},
                            {"1025 times one member", repeated("a,", 1024) + "a", 2048, "at most 1024 members"},
                        });
}

// ------------------------------------------------------------------------------------------------ bounds

TEST(structured_field, a_field_has_at_most_64_KiB) {
  const std::string most = "\"" + repeated("x", max_field_bytes - 2) + "\"";
  for (const kind parse : {as_item, as_list}) {
    const auto got = parse(most);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, most);
  }
  for (const kind parse : {as_item, as_list, as_dictionary}) {
    expect(parse, std::vector<refused>{{"one space more", most + " ", 65536, "at most 65536 bytes"},
                                       {"much more", repeated(" ", 1'000'000), 65536, "at most 65536 bytes"}});
  }
}

// ------------------------------------------------------------------------------------------------ several lines

TEST(structured_field, lines_are_one_value) {
  struct {
    const char* name;
    std::vector<const char*> lines;
    const char* want;
  } const rows[] = {
      {"no line", {}, ""},
      {"one", {"a=1"}, "a=1"},
      {"two", {"a=1", "b=2"}, "a=1, b=2"},
      {"three", {"a", "b;x", "a=2"}, "a, b;x, a=2"},
      {"an empty line is an empty member", {"a", ""}, "a, "},
      {"an empty line before", {"", "a"}, ", a"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    fields known;
    fields unknown;
    for (const char* const line : r.lines) {
      ASSERT_TRUE(known.append(field::permissions_policy, line));
      ASSERT_TRUE(known.append(field::server, "other"));
      ASSERT_TRUE(unknown.append(field::other, "X-Policy", line));
      ASSERT_TRUE(unknown.append(field::other, "X-Policy-2", "other"));
    }
    EXPECT_EQ(combined(known, field::permissions_policy), r.want);
    EXPECT_EQ(combined(known, "permissions-POLICY"), r.want);
    EXPECT_EQ(combined(unknown, "x-policy"), r.want);
  }
}

// ------------------------------------------------------------------------------------------------ built by a program

TEST(structured_field, built_values_are_written) {
  dictionary policy;
  policy.set("camera", inner_list{})
      .set("fullscreen", inner_list{.items = {token{"self"}, "https://a.example"}, .parameters = {{"report-to", "r"}}})
      .set("midi", token{"*"})
      .set("camera", inner_list{.items = {token{"src"}}});
  EXPECT_EQ(serialize(policy).value(), "camera=(src), fullscreen=(self \"https://a.example\");report-to=\"r\", midi=*");
  EXPECT_EQ(policy.size(), 3U);
  EXPECT_TRUE(policy.contains("midi"));
  EXPECT_EQ(policy.find("usb"), nullptr);

  EXPECT_EQ(serialize(list{"cache", "cookies"}).value(), "\"cache\", \"cookies\"");
  EXPECT_EQ(serialize(list{1, 1U, -1L, 1UL, static_cast<short>(1)}).value(), "1, 1, -1, 1, 1");
  EXPECT_EQ(serialize(list{std::string{"a"}, std::string_view{"b"}, item{true, {{"x", 1}}}, member{}}).value(),
            "\"a\", \"b\", ?1;x=1, ?1");
  EXPECT_EQ(serialize(item{byte_sequence{"hello"}}).value(), ":aGVsbG8=:");
  EXPECT_EQ(serialize(item{date{1659578233}, {{"a", false}, {"b", true}, {"a", token{"last"}}}}).value(),
            "@1659578233;a=last;b");
  EXPECT_EQ(serialize(item{display_string{"50 % \xe2\x82\xac\r\n"}}).value(), "%\"50 %25 %e2%82%ac%0d%0a\"");
  EXPECT_EQ(serialize(dictionary{{"default", "https://r.example/"}, {"a", 1}}).value(),
            "default=\"https://r.example/\", a=1");
  EXPECT_EQ(serialize(list{}).value(), "");
  EXPECT_EQ(serialize(dictionary{}).value(), "");
}

TEST(structured_field, what_no_field_may_have_is_not_written) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
  struct {
    const char* name;
    item value;
    serialize_error want;
  } const rows[] = {
      {"an integer of sixteen digits", max_number + 1, serialize_error::integer_out_of_range},
      {"a negative integer of sixteen digits", -max_number - 1, serialize_error::integer_out_of_range},
      {"the largest that there is", largest, serialize_error::integer_out_of_range},
      {"the smallest that there is", smallest, serialize_error::integer_out_of_range},
      {"one without a sign that is larger", ~std::uint64_t{0}, serialize_error::integer_out_of_range},
      {"a decimal of thirteen digits", decimal{max_number + 1}, serialize_error::decimal_out_of_range},
      {"a negative decimal of thirteen digits", decimal{-max_number - 1}, serialize_error::decimal_out_of_range},
      {"the smallest decimal that there is", decimal{smallest}, serialize_error::decimal_out_of_range},
      {"a date of sixteen digits", date{max_number + 1}, serialize_error::integer_out_of_range},
      {"a negative date of sixteen digits", date{-max_number - 1}, serialize_error::integer_out_of_range},
      {"a string with a line break", "a\r\nSet-Cookie: b=c", serialize_error::invalid_string},
      {"a string with a TAB", "a\tb", serialize_error::invalid_string},
      {"a string with NUL", std::string{"a\0b", 3}, serialize_error::invalid_string},
      {"a string with DEL", "\x7f", serialize_error::invalid_string},
      {"a string beyond ASCII", "f\xc3\xbc", serialize_error::invalid_string},
      {"an empty token", token{}, serialize_error::invalid_token},
      {"a token with a space", token{"a b"}, serialize_error::invalid_token},
      {"a token with a comma", token{"a,b"}, serialize_error::invalid_token},
      {"a token with a semicolon", token{"a;b"}, serialize_error::invalid_token},
      {"a token with a quote", token{"a\""}, serialize_error::invalid_token},
      {"a token with a line break", token{"a\n"}, serialize_error::invalid_token},
      {"a token with NUL", token{std::string{"a\0", 2}}, serialize_error::invalid_token},
      {"a token that begins with a digit", token{"1a"}, serialize_error::invalid_token},
      {"a token beyond ASCII", token{"f\xc3\xbc"}, serialize_error::invalid_token},
      {"a display string that is not UTF-8", display_string{"\xff"}, serialize_error::invalid_display_string},
      {"a display string with a surrogate", display_string{"\xed\xa0\x80"}, serialize_error::invalid_display_string},
      {"a display string with half a character", display_string{"\xc3"}, serialize_error::invalid_display_string},
      {"an empty key", {1, {{"", 1}}}, serialize_error::invalid_key},
      {"a key with a capital", {1, {{"aB", 1}}}, serialize_error::invalid_key},
      {"a key that begins with a digit", {1, {{"1a", 1}}}, serialize_error::invalid_key},
      {"a key with a space", {1, {{"a b", 1}}}, serialize_error::invalid_key},
      {"a key with an equals sign", {1, {{"a=b", 1}}}, serialize_error::invalid_key},
      {"a key with a line break", {1, {{"a\r\n", 1}}}, serialize_error::invalid_key},
      {"a key beyond ASCII", {1, {{"f\xc3\xbc", 1}}}, serialize_error::invalid_key},
      {"a bad value of a parameter", {1, {{"a", 1}, {"b", token{""}}}}, serialize_error::invalid_token},
      {"the first mistake counts", {token{""}, {{"A", "\n"}}}, serialize_error::invalid_token},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    const auto expect_refused = [&](const result<std::string, serialize_error>& got) {
      ASSERT_FALSE(got) << *got;
      EXPECT_EQ(got.error(), r.want);
    };
    expect_refused(serialize(r.value));
    expect_refused(serialize(list{1, r.value}));
    expect_refused(serialize(list{inner_list{.items = {1, r.value}}}));
    expect_refused(serialize(list{inner_list{.parameters = {{"a", 1}, {"b", 1}}}, r.value}));
    expect_refused(serialize(dictionary{{"a", 1}, {"b", r.value}}));
  }
  EXPECT_EQ(serialize(dictionary{{"a", 1}, {"A", 1}}).error(), serialize_error::invalid_key);
  EXPECT_EQ(serialize(list{inner_list{.parameters = {{"A", 1}}}}).error(), serialize_error::invalid_key);
}

TEST(structured_field, a_double_is_rounded) {
  struct {
    const char* name;
    double value;
    const char* want;
  } const rows[] = {
      {"zero", 0, "0.0"},
      {"minus zero", -0.0, "0.0"},
      {"a whole number", 5, "5.0"},
      {"a half", 0.5, "0.5"},
      {"what has no binary form", 0.1, "0.1"},
      {"three digits", 1.125, "1.125"},
      {"down", 1.2344, "1.234"},
      {"up", 1.2346, "1.235"},
      {"in the middle, to even below", 0.0025, "0.002"},
      {"in the middle, to even above", 0.0015, "0.002"},
      {"in the middle, to zero", 0.0005, "0.0"},
      {"behind the middle", 0.00050001, "0.001"},
      {"behind the middle, by a far digit", 0.00250000001, "0.003"},
      {"before the middle", 0.0024999, "0.002"},
      {"negative, in the middle", -0.0015, "-0.002"},
      {"negative, to zero", -0.0004, "0.0"},
      {"carried into the whole", 9.9996, "10.0"},
      {"tiny", std::numeric_limits<double>::denorm_min(), "0.0"},
      {"the largest", 999'999'999'999.999, "999999999999.999"},
      {"the smallest", -999'999'999'999.999, "-999999999999.999"},
      {"too large", 1e12, "none"},
      {"too large when rounded", 999'999'999'999.9999, "none"},
      {"too small", -1e12, "none"},
      {"infinite", std::numeric_limits<double>::infinity(), "none"},
      {"not a number", std::numeric_limits<double>::quiet_NaN(), "none"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    const auto d = decimal::nearest(r.value);
    EXPECT_EQ(d ? serialize(*d).value() : "none", r.want);
  }
  EXPECT_EQ(decimal{1500}.as_double(), 1.5);
}

// ------------------------------------------------------------------------------------------------ read by a program

TEST(structured_field, an_item_tells_what_it_holds) {
  const auto asked = [](const bare_item& b) {
    std::string all;
    if (const auto v = b.as_integer()) all += "integer " + std::to_string(*v);
    if (const auto v = b.as_decimal()) all += "decimal " + std::to_string(v->thousandths);
    if (const auto v = b.as_string()) all += "string " + std::string{*v};
    if (const auto v = b.as_token()) all += "token " + std::string{*v};
    if (const auto v = b.as_byte_sequence()) all += "bytes " + std::string{*v};
    if (const auto v = b.as_boolean()) all += *v ? "true" : "false";
    if (const auto v = b.as_date()) all += "date " + std::to_string(v->seconds);
    if (const auto v = b.as_display_string()) all += "display string " + std::string{*v};
    return all;
  };
  const std::vector<bare_item> items = {1,    decimal{2}, "a",     token{"b"},          byte_sequence{"c"},
                                        true, false,      date{3}, display_string{"d"}, {}};
  const std::vector<std::string> want = {"integer 1", "decimal 2", "string a", "token b",          "bytes c",
                                         "true",      "false",     "date 3",   "display string d", "true"};
  std::vector<std::string> got;
  for (const bare_item& b : items) got.push_back(asked(b));
  EXPECT_EQ(got, want);
}

TEST(structured_field, a_dictionary_is_asked_by_key) {
  const auto d = parse_dictionary("a=(1 b;x=2);y, c=\"v\";z, e").value();
  const inner_list* const a = d.find("a")->as_inner_list();
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(d.find("a")->as_item(), nullptr);
  EXPECT_EQ(a->items.size(), 2U);
  EXPECT_EQ(a->items[1].value.as_token(), "b");
  EXPECT_EQ(a->items[1].parameters.find("x")->as_integer(), 2);
  EXPECT_EQ(a->parameters.find("y")->as_boolean(), true);
  const item* const c = d.find("c")->as_item();
  ASSERT_NE(c, nullptr);
  EXPECT_EQ(d.find("c")->as_inner_list(), nullptr);
  EXPECT_EQ(c->value.as_string(), "v");
  EXPECT_TRUE(c->parameters.contains("z"));
  EXPECT_EQ(d.find("e")->as_item()->value.as_boolean(), true);
  EXPECT_EQ(d.find("E"), nullptr);
}

TEST(structured_field, order_and_kind_matter_to_equality) {
  const auto parsed = [](const char* value) { return parse_dictionary(value).value(); };
  EXPECT_TRUE(parsed("a=1, b=2") == parsed("a=1,b=2"));
  EXPECT_FALSE(parsed("a=1, b=2") == parsed("b=2, a=1"));
  EXPECT_FALSE(parsed("a=1") == parsed("a=1.0"));
  EXPECT_FALSE(parsed("a=b") == parsed("a=\"b\""));
  EXPECT_FALSE(parsed("a=1") == parsed("a=(1)"));
  EXPECT_FALSE(parsed("a=1") == parsed("a=1;x"));
}

}  // namespace
}  // namespace gatehouse::structured
