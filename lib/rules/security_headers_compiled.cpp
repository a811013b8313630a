#include "security_headers_compiled.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/grammar.hpp>

#include "csp_words.hpp"
#include "security_header_table.hpp"
#include "suggest.hpp"

namespace gatehouse::detail::rules {
namespace {

using positions = field_block::positions;
constexpr auto npos = std::string_view::npos;
constexpr std::string_view endpoint_name = "gatehouse";
constexpr std::size_t max_endpoint = 1024;

/// Where a block is for, by the bits of its position in compiled_headers::blocks.
struct circumstances {
  bool strict_transport = false;
  bool lists_origins = false;
};

std::optional<header_profile> find_profile(std::string_view text) noexcept {
  for (std::size_t i = 0; i < header_profile_count; ++i) {
    if (text == profile_names[i].latest || text == profile_names[i].version) return static_cast<header_profile>(i);
  }
  return std::nullopt;
}

config_error unknown_profile(const std::string& text) {
  std::vector<std::string_view> known;
  for (const profile_name& p : profile_names) known.insert(known.end(), {p.latest, p.version});
  return {.key = "headers.profile",
          .value = text,
          .code = "unknown-profile",
          .message = "There is no such profile.",
          .suggestion = suggest(text, known)};
}

bool is_configured(const security_header& h, const security_headers_config& c) noexcept {
  return h.configured != nullptr && (c.*h.configured).has_value();
}

/// The value of one header, empty for none; what is wrong with it is added to `errors`.
std::string value_of(const security_header& h, header_profile p, const security_headers_config& c,
                     config_errors& errors) {
  if (!is_configured(h, c)) return std::string(h.values[static_cast<std::size_t>(p)]);
  const std::string& text = *(c.*h.configured);
  if (text.empty()) return {};
  checked_value checked = h.check(text);
  if (checked.wrong) {
    errors.push_back({.key = std::string("headers.") + h.key,
                      .value = text,
                      .code = std::move(checked.wrong->code),
                      .message = std::move(checked.wrong->message),
                      .suggestion = std::move(checked.wrong->suggestion)});
  }
  return checked.value;
}

/// Finds out which header a name in one of the lists means.
const security_header* named(const std::string& text) noexcept {
  const auto all = security_header_table();
  const auto found = std::ranges::find_if(all, [&text](const security_header& h) {
    return h.key != nullptr && ascii::equal_ignoring_case(name(h.id), text);
  });
  return found == all.end() ? nullptr : &*found;
}

/// What becomes of the application's own headers: the modes of the table, changed by the three lists.
class header_modes {
 public:
  header_modes(const security_headers_config& c, config_errors& errors) {
    for (const security_header& h : security_header_table()) modes_.push_back(h.mode);
    take("override", c.override, header_mode::overridden, errors);
    take("if_absent", c.if_absent, header_mode::if_absent, errors);
    take("remove", c.remove, header_mode::removed, errors);
  }
  [[nodiscard]] header_mode operator[](std::size_t i) const noexcept { return modes_[i]; }

 private:
  void take(const std::string& list, const std::vector<std::string>& names, header_mode mode, config_errors& errors) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto wrong = [&](std::string code, std::string message, std::string suggestion) {
        errors.push_back({.key = "headers." + list + '[' + std::to_string(i) + ']',
                          .value = names[i],
                          .code = std::move(code),
                          .message = std::move(message),
                          .suggestion = std::move(suggestion)});
      };
      const security_header* const h = named(names[i]);
      if (h == nullptr) {
        wrong("unknown-header", "This is none of the security headers that can be configured.", nearest_name(names[i]));
      } else if (std::ranges::find(seen_, h) != seen_.end()) {
        wrong("duplicate-header", "What becomes of a header is said once.", "one list for each header");
      } else {
        seen_.push_back(h);
        modes_[static_cast<std::size_t>(h - security_header_table().data())] = mode;
      }
    }
  }
  static std::string nearest_name(const std::string& text) {
    std::vector<std::string_view> known;
    for (const security_header& h : security_header_table()) {
      if (h.key != nullptr) known.push_back(name(h.id));
    }
    return suggest(text, known);
  }

  std::vector<header_mode> modes_;
  std::vector<const security_header*> seen_;
};

// https://www.w3.org/TR/reporting-1/#header : a URL, relative to the response's. Reports are sent to trustworthy places
// only, so there is no http. No character that could end the policy or the quoted text that it stands in.
std::optional<config_error> wrong_endpoint(const std::string& text) {
  constexpr std::string_view scheme = "https://";
  const bool is_path = text.starts_with('/') && !text.starts_with("//");
  const std::string_view rest = text.starts_with(scheme) ? std::string_view{text}.substr(scheme.size()) : "";
  const bool is_url = !rest.empty() && authority::parse(rest.substr(0, rest.find('/'))).has_value();
  const bool visible = std::ranges::all_of(
      text, [](char c) { return c > ' ' && c <= '~' && std::string_view{"\"'\\;,<>`{}|^#"}.find(c) == npos; });
  if (text.empty() || ((is_path || is_url) && visible && text.size() <= max_endpoint)) return std::nullopt;
  return config_error{.key = "headers.report_to",
                      .value = text,
                      .code = "not-an-endpoint",
                      .message = "Browsers send reports to a path of this host or to an https URL.",
                      .suggestion = "/.gatehouse/reports"};
}

// https://www.w3.org/TR/clear-site-data/#header : a list of quoted types.
std::string clear_site_data_of(const std::vector<std::string>& types, config_errors& errors) {
  constexpr std::string_view known[] = {"cache",         "cookies",        "storage",     "executionContexts",
                                        "prefetchCache", "prerenderCache", "clientHints", "*"};
  std::string out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (std::ranges::find(known, types[i]) == std::end(known)) {
      errors.push_back({.key = "headers.clear_site_data[" + std::to_string(i) + ']',
                        .value = types[i],
                        .code = "unknown-value",
                        .message = "Browsers ignore a type of data they do not know.",
                        .suggestion = suggest(types[i], known)});
    }
    out.append(out.empty() ? "\"" : ", \"").append(types[i]).append("\"");
  }
  return out;
}

bool reports_by_itself(std::string_view policy) {
  return std::ranges::any_of(csp_directives(policy), [](std::string_view directive) {
    return ascii::equal_ignoring_case(directive.substr(0, std::string_view{"report-"}.size()), "report-");
  });
}

/// A header's value with the place where browsers report what it forbids: both directives, as browsers know one or the
/// other (https://www.w3.org/TR/CSP3/#directives-reporting). `named`: the endpoint has a name, by Reporting-Endpoints,
/// which browsers take over HTTPS only; a policy that names one would make Chromium forget report-uri for nothing.
std::string with_reports(field id, std::string value, const std::string& endpoint, bool named) {
  if (endpoint.empty() || value.empty()) return value;
  switch (id) {
    case field::content_security_policy:
    case field::content_security_policy_report_only:
      if (reports_by_itself(value)) return value;
      value.append("; report-uri ").append(endpoint);
      return named ? value.append("; report-to ").append(endpoint_name) : value;
    case field::cross_origin_opener_policy:
    case field::cross_origin_opener_policy_report_only:
    case field::cross_origin_embedder_policy:
    case field::cross_origin_embedder_policy_report_only:
      return named ? value.append("; report-to=\"").append(endpoint_name).append("\"") : value;
    default: return value;
  }
}

/// Makes the blocks of one configuration.
class compiler {
 public:
  compiler(const security_headers_config& c, config_errors& errors)
      : config_(c), modes_(c, errors), clear_site_data_(clear_site_data_of(c.clear_site_data, errors)) {
    const auto chosen = find_profile(c.profile);
    if (!chosen) errors.push_back(unknown_profile(c.profile));
    profile_ = chosen.value_or(header_profile::api);
    for (const security_header& h : security_header_table()) values_.push_back(value_of(h, profile_, c, errors));
    if (auto wrong = wrong_endpoint(c.report_to)) errors.push_back(*std::move(wrong));
  }

  [[nodiscard]] compiled_headers compile() {
    sort_headers();
    for (unsigned i = 0; i < out_.blocks.size(); ++i) {
      out_.blocks[i] = block_for({.strict_transport = (i & 1U) != 0, .lists_origins = (i & 2U) != 0});
    }
    for (const bool strict : {false, true}) {
      out_.policies[strict ? 1 : 0] = policy_for(field::content_security_policy, strict);
      out_.report_only_policies[strict ? 1 : 0] = policy_for(field::content_security_policy_report_only, strict);
    }
    out_.serves_pages = profile_ != header_profile::api && profile_ != header_profile::strict;
    out_.has_nonce = out_.policies[0].has_nonce() || out_.report_only_policies[0].has_nonce();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_sent(std::size_t i) const { return !values_[i].empty() && modes_[i] != header_mode::removed; }

  /// Which headers have which position, and what becomes of the application's.
  void sort_headers() {
    const auto all = security_header_table();
    positions next = 1;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const security_header& h = all[i];
      if (modes_[i] == header_mode::removed) out_.removed.push_back(h.id);
      if (!is_sent(i)) {
        if (h.lines == header_lines::one) out_.kept_single.push_back(h.id);
        continue;
      }
      const positions at = std::exchange(next, next << 1);
      if (modes_[i] == header_mode::if_absent) {
        out_.if_absent.push_back({.id = h.id, .at = at, .one_line = h.lines == header_lines::one});
      }
      remember(h.id, at, values_[i]);
    }
    if (!config_.report_to.empty()) out_.reporting_endpoints = std::exchange(next, next << 1);
    if (!clear_site_data_.empty()) out_.clear_site_data = next;
  }

  void remember(field id, positions at, const std::string& value) {
    switch (id) {
      case field::strict_transport_security: out_.strict_transport = at; break;
      case field::content_security_policy: out_.policy = at; break;
      case field::content_security_policy_report_only: out_.report_only_policy = at; break;
      case field::cache_control:
        out_.cache_control = at;
        out_.stores_nothing = value.find("no-store") != npos;
        break;
      default: break;
    }
  }

  [[nodiscard]] std::string value_in(std::size_t i, circumstances where) const {
    constexpr std::string_view same_site = "same-site";
    const security_header& h = security_header_table()[i];
    std::string value = values_[i];
    if (!is_configured(h, config_)) {
      // first_day.md: an <img> of a page on another port of localhost is another origin of the same site.
      const bool widened = h.id == field::cross_origin_resource_policy && where.lists_origins;
      if (widened && profile_ != header_profile::helmet) value = same_site;
      // Where HSTS would do harm, this would, too: Safari loads the parts of http://localhost over HTTPS then.
      if (!where.strict_transport && value.ends_with(upgrade_insecure_requests)) {
        value.resize(value.size() - upgrade_insecure_requests.size());
      }
    }
    return with_reports(h.id, std::move(value), config_.report_to, where.strict_transport);
  }

  [[nodiscard]] csp_template policy_for(field id, bool strict) const {
    const auto all = security_header_table();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].id == id && is_sent(i)) return csp_template(value_in(i, {.strict_transport = strict}));
    }
    return {};
  }

  [[nodiscard]] field_block block_for(circumstances where) const {
    const auto all = security_header_table();
    std::vector<field_block::pair> pairs;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!is_sent(i)) continue;
      std::string value = value_in(i, where);
      if (const csp_template policy{is_policy(all[i].id) ? value : std::string{}}; policy.has_nonce()) {
        value = policy.without_nonce();
      }
      pairs.push_back({.id = all[i].id, .name = std::string(name(all[i].id)), .value = std::move(value)});
    }
    // A dictionary: an application's own endpoints stay beside ours, so it is not known to the block by its name.
    if (!config_.report_to.empty()) {
      pairs.push_back({.id = field::other,
                       .name = std::string(name(field::reporting_endpoints)),
                       .value = std::string(endpoint_name) + "=\"" + config_.report_to + '"'});
    }
    if (!clear_site_data_.empty()) {
      pairs.push_back(
          {.id = field::clear_site_data, .name = std::string(name(field::clear_site_data)), .value = clear_site_data_});
    }
    return field_block(std::move(pairs));
  }

  static bool is_policy(field id) noexcept {
    return id == field::content_security_policy || id == field::content_security_policy_report_only;
  }

  const security_headers_config& config_;
  header_modes modes_;
  std::string clear_site_data_;
  header_profile profile_ = header_profile::api;
  std::vector<std::string> values_;
  compiled_headers out_;
};

}  // namespace

compiled_headers compile_headers(const security_headers_config& c, config_errors& errors) {
  compiler one{c, errors};
  return errors.empty() ? one.compile() : compiled_headers{};
}

}  // namespace gatehouse::detail::rules
