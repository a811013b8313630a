#include <gatehouse/config/catalog.hpp>

#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include <gatehouse/config/load.hpp>

namespace gatehouse {
namespace {

/// Of the one section of its kind that these files have.
std::string header_of(std::string_view section) {
  std::string out = section_header(section) + "\n";
  if (const auto name = out.find("NAME"); name != std::string::npos) out.replace(name, 4, "notes");
  return out;
}

/// A file with this one key, below its section.
std::string file_with(const catalog_entry& e, std::string_view value) {
  const std::string line = std::string{name_in_section(e.key)} + " = " + std::string{value} + "\n";
  const std::string_view section = section_of(e.key);
  return section.empty() ? line : header_of(section) + line;
}

std::string only_code(const loaded_config& loaded) {
  if (loaded.report.problems.size() != 1) return std::to_string(loaded.report.problems.size()) + " problems";
  return loaded.report.problems.front().what.code;
}

bool is_number(value_kind k) { return k == value_kind::count || k == value_kind::size || k == value_kind::duration; }

TEST(catalog, every_key_reads_its_example_and_its_default) {
  for (const catalog_entry& e : config_catalog()) {
    SCOPED_TRACE(e.key);
    const loaded_config example = read_config(file_with(e, e.example), "x.toml");
    EXPECT_TRUE(example.report.problems.empty()) << to_text(example.report.problems.front());
    const std::string now = default_text(e);
    if (now.empty()) continue;
    const loaded_config same = read_config(file_with(e, now), "x.toml");
    EXPECT_TRUE(same.report.problems.empty()) << to_text(same.report.problems.front());
    EXPECT_EQ(value_text(e, same.config), now);
  }
}

TEST(catalog, every_key_reaches_its_own_member) {
  // Two entries with one member would show as a value that is not what was written for the earlier one.
  std::string top;
  std::string sections;
  for (const std::string_view section : config_sections()) {
    sections += header_of(section);
    for (const catalog_entry& e : config_catalog()) {
      if (section_of(e.key) == section)
        sections += std::string{name_in_section(e.key)} + " = " + std::string{e.example} + "\n";
    }
  }
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key).empty()) top += std::string{e.key} + " = " + std::string{e.example} + "\n";
  }
  const loaded_config all = read_config(top + sections, "x.toml");
  ASSERT_TRUE(all.report.problems.empty()) << to_text(all.report.problems.front());
  for (const catalog_entry& e : config_catalog()) {
    SCOPED_TRACE(e.key);
    const loaded_config one = read_config(file_with(e, e.example), "x.toml");
    EXPECT_EQ(value_text(e, all.config), value_text(e, one.config));
  }
}

TEST(catalog, every_key_refuses_another_type) {
  for (const catalog_entry& e : config_catalog()) {
    for (const std::string_view value : {"1979-05-27", "{ a = 1 }", "[[1]]", "1.5"}) {
      SCOPED_TRACE(std::string{e.key} + " = " + std::string{value});
      EXPECT_EQ(only_code(read_config(file_with(e, value), "x.toml")), "wrong-type");
    }
  }
}

TEST(catalog, every_number_refuses_what_is_out_of_range) {
  for (const catalog_entry& e : config_catalog()) {
    if (!is_number(e.kind)) continue;
    SCOPED_TRACE(e.key);
    const std::string_view negative = e.kind == value_kind::duration ? "\"-1s\"" : "-1";
    EXPECT_NE(read_config(file_with(e, negative), "x.toml").report.errors(), 0U);
    const std::string over = std::to_string(e.range.most + 1);
    const std::string value = e.kind == value_kind::duration ? '"' + over + "ms\"" : over;
    EXPECT_EQ(only_code(read_config(file_with(e, value), "x.toml")), "out-of-range");
  }
}

/// The largest value must come back as it is: a range wider than its member would be cut silently.
TEST(catalog, ranges_fit_their_members) {
  for (const catalog_entry& e : config_catalog()) {
    if (!is_number(e.kind)) continue;
    SCOPED_TRACE(e.key);
    const std::string most = std::to_string(e.range.most);
    const loaded_config loaded = read_config(file_with(e, e.kind == value_kind::duration ? '"' + most + "ms\"" : most),
                                             "x.toml");
    ASSERT_TRUE(loaded.report.problems.empty()) << to_text(loaded.report.problems.front());
    EXPECT_TRUE(
        range_text(e).ends_with(value_text(e, loaded.config).starts_with('"')
                                    ? value_text(e, loaded.config).substr(1, value_text(e, loaded.config).size() - 2)
                                    : value_text(e, loaded.config)))
        << value_text(e, loaded.config) << " of " << range_text(e);
  }
}

TEST(catalog, every_misspelt_key_is_told_the_right_one) {
  for (const catalog_entry& e : config_catalog()) {
    SCOPED_TRACE(e.key);
    const std::string name{name_in_section(e.key)};
    const std::string section{section_of(e.key)};
    const std::string misspelt = name.substr(0, name.size() - 1);  // the last letter forgotten
    const std::string text = (section.empty() ? "" : header_of(section)) + misspelt + " = " + std::string{e.example} +
                             "\n";
    const loaded_config loaded = read_config(text, "x.toml");
    ASSERT_EQ(only_code(loaded), "unknown-key");
    const std::string& message = loaded.report.problems.front().what.message;
    // "upstrea" and "host" have better or equal readings among the synonyms; the key must be named all the same.
    EXPECT_NE(message.find("it is called " + std::string{e.key} + " here"), std::string::npos) << message;
  }
}

TEST(catalog, planned_keys_are_not_called_unknown) {
  for (const planned_key& p : planned_keys()) {
    for (const std::string& text :
         {std::string{p.key} + " = 1\n", "[" + std::string{p.key} + "]\na = 1\n", "[[" + std::string{p.key} + "]]\n"}) {
      SCOPED_TRACE(text);
      EXPECT_EQ(only_code(read_config(text, "x.toml")), "not-available-yet");
    }
  }
}

TEST(catalog, every_limit_has_a_key) {
  // One name more or less does not compile: whoever adds a limit comes here, and adds its key.
  [[maybe_unused]] const auto& [head, target, fields, body, buffered, extension, trailer, head_time, body_time, rate,
                                grace, stall, idle, linger, linger_bytes, shutdown, delay, requests, age, per_client,
                                connections] = limits{};
  std::size_t keys = 0;
  for (const catalog_entry& e : config_catalog()) keys += section_of(e.key) == "limits" ? 1U : 0U;
  EXPECT_EQ(keys, 21U);
}

TEST(catalog, keys_are_unique) {
  std::set<std::string_view> seen;
  for (const catalog_entry& e : config_catalog()) EXPECT_TRUE(seen.insert(e.key).second) << e.key;
}

TEST(catalog, the_template_is_accepted_as_it_is_and_with_every_line_switched_on) {
  const std::string as_written = commented_template("http://127.0.0.1:5000");
  loaded_config plain = read_config(as_written, "gatehouse.toml");
  judge_config(plain);
  lint_config(plain);
  EXPECT_TRUE(plain.report.problems.empty()) << to_text(plain.report.problems.front());

  std::string all_on;
  for (std::size_t at = 0; at < as_written.size();) {
    const std::string line = as_written.substr(at, as_written.find('\n', at) - at);
    at += line.size() + 1;
    const bool setting = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                         line.find("   # ") != std::string::npos;
    const bool example_section = line.starts_with("# [");
    all_on += (setting || example_section ? line.substr(2) : line) + "\n";
  }
  loaded_config full = read_config(all_on, "gatehouse.toml");
  judge_config(full);
  // An example names a file, which need not be there.
  std::erase_if(full.report.problems, [](const config_problem& p) { return p.what.code == "not-a-suffix-list"; });
  EXPECT_EQ(full.report.errors(), 0U) << to_text(full.report.problems.front());
  EXPECT_GT(std::count(all_on.begin(), all_on.end(), '='), static_cast<std::ptrdiff_t>(config_catalog().size()) - 1);
}

TEST(catalog, the_documentation_has_its_tables) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/docs/configuration.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "<!-- gatehouse print-catalog -->\n";
  const std::string end = "<!-- end -->\n";
  const auto from = page.find(begin);
  const auto to = page.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()), catalog_markdown())
      << "docs/configuration.md: put what `gatehouse print-catalog` prints between the two markers";
}

}  // namespace
}  // namespace gatehouse
