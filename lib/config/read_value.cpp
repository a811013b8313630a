#include "read_value.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <type_traits>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/nearest.hpp>
#include <gatehouse/config/report.hpp>
#include <gatehouse/config/units.hpp>

namespace gatehouse::detail::config {
namespace {

constexpr std::size_t longest_text = 8 * 1024;  // longer than any header we would send
constexpr std::size_t longest_list = 1'000;

/// The value as the file has it, short and on one line.
std::string as_written(const toml::node& value) {
  if (value.is_table() || value.is_array()) return {};
  if (const auto* const text = value.as_string()) return in_quotes(text->get());
  std::ostringstream out;
  value.visit([&out](const auto& n) {
    if constexpr (toml::is_value<decltype(n)>) out << n;
  });
  return out.str();
}

std::string line_with(const catalog_entry& e, std::string_view value) {
  return std::string{name_in_section(e.key)}.append(" = ").append(value);
}

config_error problem(const catalog_entry& e, const toml::node& value, std::string_view code, std::string message,
                     std::string_view better) {
  return {.key = std::string{e.key},
          .value = e.secret ? std::string{} : as_written(value),
          .code = std::string{code},
          .message = std::move(message),
          .suggestion = line_with(e, better.empty() ? e.example : better)};
}

config_error wrong_type(const catalog_entry& e, const toml::node& value, std::string_view wanted,
                        std::string_view better = {}) {
  std::string message{e.key};
  message.append(" must be ").append(wanted).append(", not ").append(what_it_is(value));
  return problem(e, value, "wrong-type", std::move(message), better);
}

/// As the entry writes numbers: 64KiB, 10s, 20; sizes and durations in TOML's quotes.
std::string number_in_toml(const catalog_entry& e, std::uint64_t n) {
  if (e.kind == value_kind::size) return n == 0 ? "0" : '"' + size_text(n) + '"';
  if (e.kind == value_kind::duration) return '"' + duration_text(n) + '"';
  return std::to_string(n);
}

std::optional<config_error> read_number(const catalog_entry& e, const toml::node& value, text_origin from,
                                        std::uint64_t& out) {
  const auto* const integer = value.as_integer();
  const auto* const text = value.as_string();
  const std::string written = text != nullptr ? text->get() : integer != nullptr ? std::to_string(integer->get()) : "";
  std::optional<std::uint64_t> number;
  switch (e.kind) {
    case value_kind::size: {
      if (integer == nullptr && text == nullptr) return wrong_type(e, value, "a size");
      number = integer != nullptr && integer->get() >= 0 ? static_cast<std::uint64_t>(integer->get())
                                                         : parse_size(written);
      if (!number && text != nullptr) {
        const std::string meant = meant_size(written);
        return problem(
            e, value, "not-a-size",
            std::string{e.key} + ": " + in_quotes(written) + " is not a size; they look like 1MiB, 64KiB or 4096",
            meant.empty() ? meant : '"' + meant + '"');
      }
      break;
    }
    case value_kind::duration: {
      if (integer == nullptr && text == nullptr) return wrong_type(e, value, "a duration");
      number = text != nullptr ? parse_duration(written) : std::nullopt;
      if (!number) {
        const std::string meant = meant_duration(written);
        const std::string_view why = integer != nullptr ? " has no unit; durations look like "
                                                        : " is not a duration; they look like ";
        return problem(e, value, "not-a-duration",
                       std::string{e.key} + ": " + (text != nullptr ? in_quotes(written) : written) + std::string{why} +
                           "500ms, 10s or 1m",
                       meant.empty() ? meant : '"' + meant + '"');
      }
      break;
    }
    default:
      if (text != nullptr && from == text_origin::elsewhere) {
        number = ascii::parse_decimal(written);
        break;
      }
      if (integer == nullptr) {
        const bool digits = text != nullptr && parse_size(written) && !written.empty() && written.back() <= '9';
        return wrong_type(e, value, "a number", digits ? std::string_view{written} : std::string_view{});
      }
      if (integer->get() >= 0) number = static_cast<std::uint64_t>(integer->get());
  }
  if (!number || *number < e.range.least || *number > e.range.most) {
    const std::uint64_t nearest = number && *number > e.range.most ? e.range.most : e.range.least;
    return problem(
        e, value, "out-of-range",
        std::string{e.key} + " can be " + range_text(e) + ", not " + (written.empty() ? as_written(value) : written),
        number_in_toml(e, nearest));
  }
  out = *number;
  return std::nullopt;
}

std::optional<config_error> read_choice(const catalog_entry& e, const toml::node& value, std::string& out) {
  const auto* const text = value.as_string();
  if (text == nullptr) return wrong_type(e, value, "one of " + std::string{e.choices});
  std::vector<std::string_view> choices;
  for (std::string_view rest = e.choices; !rest.empty();) {
    const auto bar = rest.find(" | ");
    choices.push_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 3);
  }
  if (std::ranges::find(choices, std::string_view{text->get()}) == choices.end()) {
    const std::string_view near = nearest_name(text->get(), choices);
    return problem(e, value, "not-a-choice",
                   std::string{e.key} + " can be " + std::string{e.choices} + ", not " + in_quotes(text->get()),
                   near.empty() ? std::string{} : '"' + std::string{near} + '"');
  }
  out = text->get();
  return std::nullopt;
}

std::optional<config_error> read_text(const catalog_entry& e, const toml::node& value, std::string& out) {
  if (const auto* const text = value.as_string(); text != nullptr && text->get().size() <= longest_text) {
    out = text->get();
    return std::nullopt;
  }
  if (value.is_string()) {
    return problem(e, value, "too-long", std::string{e.key} + " is longer than " + size_text(longest_text), {});
  }
  // helmet switches a header off with `false`.
  const auto* const off = value.as_boolean();
  const bool may_be_empty = std::holds_alternative<member_of_config<std::optional<std::string>>>(e.member);
  return wrong_type(e, value, "a text", off != nullptr && !off->get() && may_be_empty ? "\"\"" : "");
}

std::vector<refused_value> read_list(const catalog_entry& e, const toml::node& value, std::vector<std::string>& out) {
  std::vector<refused_value> refused;
  std::vector<std::string> all;
  const auto take = [&](const toml::node& one) {
    std::string text;
    if (!one.is_string()) {
      refused.push_back({&one, wrong_type(e, one, "a list of texts")});
    } else if (auto failed = read_text(e, one, text)) {
      refused.push_back({&one, std::move(*failed)});
    } else {
      all.push_back(std::move(text));
    }
  };
  const auto* const list = value.as_array();
  if (value.is_string()) {
    take(value);
  } else if (list == nullptr) {
    const auto* const number = value.as_integer();
    const bool port = number != nullptr && e.key == "listen" && number->get() >= 0 && number->get() <= UINT16_MAX;
    return {{&value, wrong_type(e, value, "a text or a list of texts",
                                port ? "\"127.0.0.1:" + std::to_string(number->get()) + '"' : std::string{})}};
  } else if (list->size() > longest_list) {
    return {{&value, problem(e, value, "too-long",
                             std::string{e.key} + " holds more than " + std::to_string(longest_list) + " values", {})}};
  } else {
    for (const toml::node& element : *list) take(element);
  }
  // Nothing readable: the default is kept, so that nobody complains of an empty list as well.
  if (refused.empty() || !all.empty()) out = std::move(all);
  return refused;
}

std::optional<config_error> read_boolean(const catalog_entry& e, const toml::node& value, text_origin from, bool& out) {
  const auto* const boolean = value.as_boolean();
  if (boolean == nullptr) {
    const auto* const text = value.as_string();
    const bool spelled = text != nullptr && (text->get() == "true" || text->get() == "false");
    if (spelled && from == text_origin::elsewhere) {
      out = text->get() == "true";
      return std::nullopt;
    }
    return wrong_type(e, value, "true or false", spelled ? std::string_view{text->get()} : std::string_view{});
  }
  out = boolean->get();
  return std::nullopt;
}

template <typename T>
std::optional<config_error> read_one(const catalog_entry& e, const toml::node& value, text_origin from, T& out) {
  if constexpr (std::is_same_v<T, bool>) {
    return read_boolean(e, value, from, out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return e.kind == value_kind::choice ? read_choice(e, value, out) : read_text(e, value, out);
  } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
    std::string text;
    auto failed = read_text(e, value, text);
    if (!failed) out = std::move(text);
    return failed;
  } else {
    std::uint64_t number = 0;
    auto failed = read_number(e, value, from, number);
    if (failed) return failed;
    if constexpr (std::is_same_v<T, milliseconds>) {
      out = milliseconds{static_cast<milliseconds::rep>(number)};
    } else {
      out = static_cast<T>(number);  // the catalog's range fits its member: a test asserts that
    }
    return std::nullopt;
  }
}

}  // namespace

std::string_view what_it_is(const toml::node& value) {
  switch (value.type()) {
    case toml::node_type::table: return "a section";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a number";
    case toml::node_type::floating_point: return "a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

std::vector<refused_value> read_value(const catalog_entry& e, const toml::node& value, gateway_config& into,
                                      text_origin from) {
  if (const auto* const list = std::get_if<member_of_config<std::vector<std::string>>>(&e.member)) {
    return read_list(e, value, (*list)(into));
  }
  std::optional<config_error> failed = std::visit(
      [&](auto member) -> std::optional<config_error> {
        using member_type = std::remove_reference_t<decltype(member(into))>;
        if constexpr (std::is_same_v<member_type, std::vector<std::string>>) {
          return std::nullopt;  // dealt with above
        } else {
          return read_one(e, value, from, member(into));
        }
      },
      e.member);
  if (!failed) return {};
  return {{&value, std::move(*failed)}};
}

}  // namespace gatehouse::detail::config
