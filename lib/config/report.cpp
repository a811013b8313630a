#include <gatehouse/config/report.hpp>

#include <algorithm>
#include <cstdint>
#include <tuple>

#include <gatehouse/http/json_writer.hpp>

namespace gatehouse {
namespace {

std::string_view name(severity s) {
  switch (s) {
    case severity::error: return "error";
    case severity::warning: return "warning";
    case severity::info: break;
  }
  return "info";
}

std::size_t count(const std::vector<config_problem>& all, severity s) noexcept {
  return static_cast<std::size_t>(std::ranges::count(all, s, &config_problem::how_bad));
}

bool before(const config_problem& a, const config_problem& b) {
  return std::tie(a.where.file, a.where.line, a.where.column) < std::tie(b.where.file, b.where.line, b.where.column);
}

std::string place(const source_position& at) {
  std::string out = at.file;
  if (at.line != 0) out += ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
  return out;
}

/// Two rules that are told the same (public_origin) find the same mistake in the same place. It is said once.
void drop_repeated(std::vector<config_problem>& sorted) {
  std::vector<config_problem> kept;
  for (config_problem& p : sorted) {
    bool is_known = false;
    for (auto k = kept.rbegin(); k != kept.rend() && k->where == p.where && !is_known; ++k) {
      is_known = k->how_bad == p.how_bad && k->what.key == p.what.key && k->what.code == p.what.code &&
                 k->what.value == p.what.value;
    }
    if (!is_known) kept.push_back(std::move(p));
  }
  sorted = std::move(kept);
}

}  // namespace

void config_report::error(source_position where, config_error what) {
  problems.push_back({severity::error, std::move(where), std::move(what)});
}

void config_report::warning(source_position where, config_error what) {
  problems.push_back({severity::warning, std::move(where), std::move(what)});
}

void config_report::info(source_position where, config_error what) {
  problems.push_back({severity::info, std::move(where), std::move(what)});
}

std::size_t config_report::errors() const noexcept { return count(problems, severity::error); }

std::size_t config_report::warnings() const noexcept { return count(problems, severity::warning); }

// By insertion: problems are few and keep their order within a line. (Not std::stable_sort: with g++ 12's library it is
// deprecated to clang.)
void config_report::sort() {
  for (auto at = problems.begin(); at != problems.end(); ++at) {
    std::rotate(std::ranges::upper_bound(problems.begin(), at, *at, before), at, std::next(at));
  }
  drop_repeated(problems);
}

std::string to_text(const config_problem& p) {
  std::string out = place(p.where);
  out.append(": ").append(name(p.how_bad)).append("[").append(p.what.code).append("]: ").append(p.what.message);
  if (!p.what.suggestion.empty()) out.append("\n  write: ").append(p.what.suggestion);
  return out;
}

std::string to_json(const config_report& report, std::string_view file) {
  std::string out;
  json_writer json(out);
  json.begin_object().key("file").value(file);
  json.key("errors").value(static_cast<std::uint64_t>(report.errors()));
  json.key("warnings").value(static_cast<std::uint64_t>(report.warnings()));
  json.key("problems").begin_array();
  for (const config_problem& p : report.problems) {
    json.begin_object().key("severity").value(name(p.how_bad)).key("code").value(p.what.code);
    json.key("file").value(p.where.file);
    json.key("line").value(static_cast<std::uint64_t>(p.where.line));
    json.key("column").value(static_cast<std::uint64_t>(p.where.column));
    json.key("key").value(p.what.key).key("value").value(p.what.value);
    json.key("message").value(p.what.message).key("suggestion").value(p.what.suggestion).end_object();
  }
  json.end_array().end_object();
  return out;
}

std::string in_quotes(std::string_view text, std::size_t longest) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + (text.size() > longest ? "…\"" : "\"");
}

}  // namespace gatehouse
