#pragma once
// The one table of configuration keys: which member each fills, what it may be, and its row in docs/configuration.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/config/gateway_config.hpp>

namespace gatehouse {

enum class value_kind : std::uint8_t {
  boolean,
  count,
  size,      ///< bytes: "64KiB", "1MiB" or a number
  duration,  ///< "500ms", "10s", "1m", "1h"
  text,
  choice,     ///< one of catalog_entry::choices
  text_list,  ///< a text or a list of them
};

/// How often a section may stand in a file.
enum class section_kind : std::uint8_t {
  once,    ///< [limits]
  named,   ///< [service.NAME]: each with a name of its own
  listed,  ///< [[route]]: in the order of the file
};

/// How to reach the member that a key fills. Of a section that may stand there often, that of the last one; it is added
/// if there is none.
template <typename T>
using member_of_config = T& (*)(gateway_config&);
using config_member =
    std::variant<member_of_config<bool>, member_of_config<std::uint16_t>, member_of_config<std::uint32_t>,
                 member_of_config<std::uint64_t>, member_of_config<milliseconds>, member_of_config<std::string>,
                 member_of_config<std::optional<std::string>>, member_of_config<std::vector<std::string>>>;

/// Both ends are allowed. In bytes, milliseconds or units.
struct value_range {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
};

struct catalog_entry {
  std::string_view key;  ///< dotted: "limits.max_body", "service.active_health.path" (of every service)
  value_kind kind;
  config_member member;
  value_range range{};
  std::string_view choices{};  ///< separated by " | "
  std::string_view example;    ///< as TOML; what is suggested when a value cannot be used
  std::string_view summary;    ///< one line of Markdown
  bool needs_restart = false;  ///< a reload leaves it as it was
  bool secret = false;         ///< its value is never shown: `***`
};

/// What is shown instead of a secret that is set.
inline constexpr std::string_view hidden_value = "***";

/// A section or key that the design has and this version does not.
struct planned_key {
  std::string_view key;
  std::string_view instead;  ///< what to do until then
};

[[nodiscard]] std::span<const catalog_entry> config_catalog() noexcept;
[[nodiscard]] std::span<const planned_key> planned_keys() noexcept;
[[nodiscard]] const catalog_entry* find_entry(std::string_view key) noexcept;
/// Null, or the planned key that this is or belongs to.
[[nodiscard]] const planned_key* find_planned(std::string_view key) noexcept;
/// The sections there are, in the order of the catalog.
[[nodiscard]] std::vector<std::string_view> config_sections();

[[nodiscard]] section_kind kind_of_section(std::string_view section) noexcept;
/// How it is written: "[limits]", "[service.NAME]", "[[route]]", "[route.limits]".
[[nodiscard]] std::string section_header(std::string_view section);
/// The catalog's name for a key of a file: "service.notes.upstreams[1]" → "service.upstreams", "route[0].match" →
/// "route.match".
[[nodiscard]] std::string catalog_key(std::string_view key);

/// "limits.max_body" → "limits" and "max_body"; a top-level key has no section.
[[nodiscard]] constexpr std::string_view section_of(std::string_view key) noexcept {
  const auto dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}
[[nodiscard]] constexpr std::string_view name_in_section(std::string_view key) noexcept {
  const auto dot = key.find('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

/// The value a config has for an entry, as TOML; empty for an optional that is not set. `default_text` is that of a
/// default config: defaults stand in the structs, nowhere else.
[[nodiscard]] std::string value_text(const catalog_entry& e, const gateway_config& c);
[[nodiscard]] std::string default_text(const catalog_entry& e);
/// As value_text, for people: a secret that is set is hidden_value.
[[nodiscard]] std::string shown_text(const catalog_entry& e, const gateway_config& c);
/// "1 to 96", "1KiB to 64KiB", "replace | pass"; empty when any value will do.
[[nodiscard]] std::string range_text(const catalog_entry& e);
[[nodiscard]] std::string_view kind_text(value_kind k) noexcept;

/// The tables of docs/configuration.md, between its two markers.
[[nodiscard]] std::string catalog_markdown();
/// A gatehouse.toml with every key in a comment, its default as value.
[[nodiscard]] std::string commented_template(std::string_view upstream);

}  // namespace gatehouse
