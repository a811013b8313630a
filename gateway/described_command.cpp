#include "described_command.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::program {
namespace {

std::string_view take_line(std::string_view& text) noexcept {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

void join(std::string& to, std::string_view more) { to.append(to.empty() ? "" : " ").append(trimmed(more)); }

/// "-c, --config FILE   settings": two spaces end what is typed.
described_option option_of(std::string_view line) {
  described_option out;
  const auto gap = line.find("  ");
  if (gap != std::string_view::npos) out.text = trimmed(line.substr(gap));
  std::string_view typed = line.substr(0, gap);
  while (!typed.empty()) {
    const auto end = typed.find(' ');
    std::string_view word = typed.substr(0, end);
    typed.remove_prefix(end == std::string_view::npos ? typed.size() : end + 1);
    if (word.ends_with(',')) word.remove_suffix(1);
    if (word.starts_with('-')) {
      out.names.emplace_back(word);
    } else {
      join(out.value, word);
    }
  }
  out.takes_value = !out.value.empty();
  return out;
}

}  // namespace

described_command read_help(std::string_view help) {
  described_command out;
  const std::string_view first = take_line(help);
  const auto colon = first.find(": ");
  out.summary = colon == std::string_view::npos ? first : first.substr(colon + 2);

  bool in_option = false;
  bool in_remark = false;
  while (!help.empty()) {
    const std::string_view line = take_line(help);
    if (line.empty()) {
      in_option = in_remark = false;
    } else if (line.starts_with("  gatehouse")) {
      out.examples.emplace_back(trimmed(line));
    } else if (line.starts_with("  -")) {
      out.options.push_back(option_of(trimmed(line)));
      in_option = true;
    } else if (in_option && line.starts_with("  ")) {
      join(out.options.back().text, line);
    } else {
      if (!std::exchange(in_remark, true)) out.remarks.emplace_back();
      join(out.remarks.back(), line);
    }
  }
  return out;
}

const described_option* find_option(const std::vector<described_option>& all, std::string_view name) noexcept {
  const auto found = std::ranges::find_if(
      all, [name](const described_option& o) { return std::ranges::find(o.names, name) != o.names.end(); });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace gatehouse::program
