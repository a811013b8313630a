#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/server/decision_log.hpp>

#include "admin_client.hpp"
#include "admin_places.hpp"
#include "commands.hpp"
#include "explain_browser.hpp"
#include "explain_request.hpp"
#include "settings.hpp"

namespace gatehouse::program {
namespace {

constexpr const char* default_file = "gatehouse.toml";
constexpr std::size_t min_id = 6;
constexpr std::size_t max_id = 128;

int fail(exit_code how, const std::string& why) {
  fmt::print(stderr, "gatehouse: {}\n", why);
  return how;
}

bool is_id(std::string_view text) {
  constexpr auto is_id_char = [](char c) { return ascii::is_alnum(c) || c == '.' || c == '_' || c == '-'; };
  return text.size() >= min_id && text.size() <= max_id && std::ranges::all_of(text, is_id_char);
}

/// What a listener sent, for a terminal: it escapes what clients sent; who it is, is not known for sure.
std::string shown(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    const bool control = (byte < 0x20 && byte != '\n') || byte == 0x7f || c1;
    out += control ? '?' : text[i];
  }
  return out;
}

std::optional<std::string> file_of(const explain_options& options) {
  std::error_code none;
  if (options.settings.file) return options.settings.file;
  return std::filesystem::exists(default_file, none) ? std::optional<std::string>{default_file} : std::nullopt;
}

// ------------------------------------------------------------------------------------------------ a recent request

/// What those who were asked said; the first one that knows the id ends it.
struct search {
  bool reached = false;
  std::string trouble{};
};

/// The first text of this name in a JSON document of ours; nothing where it has an escape: then it is none that a
/// browser sent. A quote within a text is escaped, so what a client sent can not pass for a name.
std::string text_of(std::string_view json, std::string_view name) {
  const std::string begin = '"' + std::string{name} + "\":\"";
  const std::size_t at = json.find(begin);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + begin.size());
  const std::string_view value = json.substr(0, json.find('"'));
  return value.find('\\') == std::string_view::npos ? std::string{value} : std::string{};
}

/// What a preflight that was refused had asked for, as far as it is kept; else the request itself.
explain_options request_of(const std::string& decision) {
  explain_options out{
      .method = text_of(decision, "method"), .path = text_of(decision, "path"), .origin = text_of(decision, "origin")};
  if (*out.method != "OPTIONS") return out;
  const std::string particulars = text_of(decision, "particulars");
  constexpr std::string_view asked_method = "a preflight asked for the method ";
  constexpr std::string_view asked_field = "a preflight asked for the field ";
  out.method = particulars.starts_with(asked_method) ? particulars.substr(asked_method.size()) : "GET";
  if (particulars.starts_with(asked_field)) out.headers.push_back(particulars.substr(asked_field.size()) + ": x");
  return out;
}

/// Of a decision about a page of another origin: what its browser makes of it, by the running gateway's own policy.
std::optional<browser_explanation> in_the_browser(const std::string& decision, const std::string& address,
                                                  const std::string& token) {
  if (text_of(decision, "origin").empty()) return std::nullopt;
  const admin_answer policy = ask_admin(address, "/policy", "application/toml", token);
  if (policy.status != 200) return std::nullopt;
  auto made = explain_browser(read_config(policy.content, "the running gateway"), request_of(decision));
  return made ? std::optional{*std::move(made)} : std::nullopt;
}

/// The same once more for a page of another origin: as its browser has it.
void print_decision(const std::string& shown_text, const std::string& address, const explain_options& options,
                    const std::string& token) {
  const std::string decision = options.json
                                   ? shown_text
                                   : ask_admin(address, "/decisions/" + options.id, "application/json", token).content;
  const auto browser = in_the_browser(decision, address, token);
  if (!options.json) {
    fmt::print("{}", shown(shown_text));
    if (browser) fmt::print("\n{}", to_words(*browser));
  } else if (browser && shown_text.ends_with('}')) {
    fmt::print("{},\"browser\":{}}}\n", shown(shown_text.substr(0, shown_text.size() - 1)), to_json(*browser));
  } else {
    fmt::print("{}\n", shown(shown_text));
  }
}

bool ask_one(const std::string& address, const explain_options& options, const std::string& token, search& so_far) {
  const admin_answer got = ask_admin(address, "/decisions/" + options.id,
                                     options.json ? "application/json" : "text/plain", token);
  switch (got.status) {
    case 200: print_decision(got.content, address, options, token); return true;
    case 0: so_far.trouble = fmt::format("{}: {}", address, got.content); break;
    case 404: so_far.reached = true; break;
    case 401: so_far.trouble = address + " wants another token: admin.token in the file that -c names"; break;
    case 409: so_far.trouble = "several ids begin with " + options.id + ": say more of it"; break;
    default: so_far.trouble = fmt::format("{} answered with {}", address, got.status);
  }
  return false;
}

int explain_recent(const explain_options& options) {
  if (!is_id(options.id)) {
    return fail(exit_bad_input, fmt::format("an id is what X-Request-Id and the log say, or at least its first {} "
                                            "characters",
                                            min_id));
  }
  loaded_config settings = default_config("the command line");
  if (const auto file = file_of(options)) settings = read_config_file(*file);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);
  const admin_places where = admin_places_of(options.admin, settings.config);
  search so_far{.trouble = where.trouble};
  for (const std::string& address : where.addresses) {
    if (ask_one(address, options, where.token, so_far)) return exit_ok;
  }
  if (so_far.reached) {
    return fail(exit_failed, fmt::format("no recent decision has the id {}: what simply passed is not kept, old ones "
                                         "make way, and a restart forgets all",
                                         options.id));
  }
  return fail(exit_failed, so_far.trouble);
}

// ------------------------------------------------------------------------------------------------ one nobody sent

bool describes_request(const explain_options& o) {
  return o.method || o.url || o.path || o.host || o.from || !o.headers.empty() || o.origin || o.credentials;
}

/// Without a file and flags the rules are the defaults; what is behind them does not matter.
loaded_config settings_of(const explain_options& options) {
  run_options asked = options.settings;
  asked.file = file_of(options);
  if (!asked.file && asked.to.empty()) asked.to = {"http://127.0.0.1"};
  return load_settings(asked);
}

int print_wrong(const config_errors& wrong) {
  for (const config_error& e : wrong) fmt::print(stderr, "gatehouse: {}\n", e.message);
  return exit_bad_input;
}

template <typename Explanation>
int print_explanation(const result<Explanation, config_errors>& made, bool json) {
  if (!made) return print_wrong(made.error());
  fmt::print("{}{}", json ? to_json(*made) : to_words(*made), json ? "\n" : "");
  return exit_ok;
}

/// A URL stands for path and host, where no browser is asked.
bool take_url(explain_options& options) {
  if (!options.url || options.url->starts_with('/')) {
    if (options.url) options.path = options.url;
    return true;
  }
  const auto url = web_url::parse(*options.url);
  if (!url || !(url->is_http() || url->is_websocket())) return false;
  const std::string origin = url->origin.text();
  options.path = url->target;
  if (!options.host) options.host = origin.substr(origin.find("://") + 3);
  return true;
}

int explain_described(explain_options options) {
  if (options.credentials && !options.origin) {
    return fail(exit_bad_input, "--credentials is of a page's fetch(): say the page's --origin");
  }
  const loaded_config settings = settings_of(options);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);
  if (options.origin) return print_explanation(explain_browser(settings, options), options.json);
  if (!take_url(options)) return fail(exit_bad_input, "this is no URL: " + *options.url);
  return print_explanation(decide_request(settings.config, options), options.json);
}

}  // namespace

int explain(const explain_options& options) {
  explain_options asked = options;
  // No id has a slash, and every URL and path has one.
  if (asked.id.find('/') != std::string::npos) asked.url = std::exchange(asked.id, {});
  if (asked.url && asked.path) return fail(exit_bad_input, "either a URL or --path");
  if (asked.id.empty() == !describes_request(asked)) {
    return fail(exit_bad_input,
                asked.id.empty()
                    ? "which request? An id (gatehouse explain 8c02d4), or one that a URL, --path, --host, ... describe"
                    : "either the id of a recent request, or --method, --path, --host, ... of one that nobody sent");
  }
  return asked.id.empty() ? explain_described(std::move(asked)) : explain_recent(asked);
}

}  // namespace gatehouse::program
