#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <toml++/toml.h>
#include <nlohmann/json.hpp>

#include <gatehouse/config/catalog.hpp>

namespace gatehouse {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  ADD_FAILURE() << "the schema has a type that this test does not know: " << type;
  return false;
}

/// What of JSON Schema (draft 7) ours uses; an unknown keyword is a failure.
bool accepts(const json& schema, const json& value) {
  bool good = true;
  for (const auto& [keyword, says] : schema.items()) {
    if (keyword == "$schema" || keyword == "title" || keyword == "description" || keyword == "default") continue;
    if (keyword == "type") {
      good = good && has_type(value, says);
    } else if (keyword == "enum") {
      good = good && std::ranges::find(says, value) != says.end();
    } else if (keyword == "anyOf") {
      good = good && std::ranges::any_of(says, [&](const json& one) { return accepts(one, value); });
    } else if (keyword == "pattern") {
      good = good && value.is_string() &&
             std::regex_search(value.get<std::string>(), std::regex(says.get<std::string>()));
    } else if (keyword == "minimum") {
      good = good && value.is_number() && value >= says;
    } else if (keyword == "maximum") {
      good = good && value.is_number() && value <= says;
    } else if (keyword == "items") {
      good = good && std::ranges::all_of(value, [&](const json& one) { return accepts(says, one); });
    } else if (keyword == "properties" || keyword == "additionalProperties") {
      if (keyword == "properties" && schema.contains("additionalProperties")) continue;  // looked at together
      if (!value.is_object()) return false;
      const json known = schema.value("properties", json::object());
      for (const auto& [name, member] : value.items()) {
        const json& of_member = known.contains(name) ? known[name] : says;
        good = good && (of_member.is_boolean() ? of_member.get<bool>() : accepts(of_member, member));
      }
    } else {
      ADD_FAILURE() << "the schema has a keyword that this test does not know: " << keyword;
    }
  }
  return good;
}

json from_toml(const std::string& text) {
  std::ostringstream out;
  out << toml::json_formatter{toml::parse(text)};
  return json::parse(out.str());
}

std::string file_with(const catalog_entry& e, std::string_view value) {
  std::string header = section_header(section_of(e.key));
  if (const auto name = header.find("NAME"); name != std::string::npos) header.replace(name, 4, "notes");
  return (section_of(e.key).empty() ? "" : header + "\n") + std::string{name_in_section(e.key)} + " = " +
         std::string{value} + "\n";
}

TEST(schema, accepts_the_example_of_every_key_and_refuses_another_type) {
  const json schema = json::parse(config_schema());
  for (const catalog_entry& e : config_catalog()) {
    SCOPED_TRACE(e.key);
    EXPECT_TRUE(accepts(schema, from_toml(file_with(e, e.example))));
    EXPECT_FALSE(accepts(schema, from_toml(file_with(e, "1.5"))));
    EXPECT_FALSE(accepts(schema, from_toml(file_with(e, "{ a = 1 }"))));
    EXPECT_TRUE(accepts(schema, from_toml(file_with(e, "\"${NAME}\""))));
    const std::string now = default_text(e);
    EXPECT_TRUE(now.empty() || accepts(schema, from_toml(file_with(e, now))));
  }
}

TEST(schema, refuses_what_the_reader_refuses) {
  const json schema = json::parse(config_schema());
  for (const char* const text :
       {"lisen = \"127.0.0.1:80\"", "[limit]\nmax_body = 1", "[limits]\nmax_bdy = 1", "[limits]\nmax_body = \"1mb\"",
        "[limits]\nidle_timeout = 10", "[limits]\nidle_timeout = \"10\"", "threads = 300", "threads = -1",
        "report_only = \"yes\"", "[errors]\nupstream_5xx = \"show\"", "upstream = [1]", "[service]\nnotes = 1",
        "[service.a]\nactive_health.pth = \"/\"", "[route]\nmatch = \"/\"", "[[route]]\nmethod = \"GET\""}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(accepts(schema, from_toml(text)));
  }
  for (const char* const text :
       {"", "upstream = \"http://a:1\"", "[service.a]\nactive_health.path = \"/\"\n[service.b]\nhost = \"client\"",
        "[[route]]\n[[route]]\nheaders.profile = \"api\"\nlimits.max_body = \"1GiB\""}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(accepts(schema, from_toml(text)));
  }
}

TEST(schema, is_the_one_in_the_documentation) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/docs/gatehouse.schema.json");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(page, config_schema()) << "write it again: gatehouse print-schema > docs/gatehouse.schema.json";
}

TEST(schema, is_named_by_the_file_that_init_writes) {
  EXPECT_TRUE(commented_template("http://a:1").starts_with("#:schema ./gatehouse.schema.json\n"));
}

}  // namespace
}  // namespace gatehouse
