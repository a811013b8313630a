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
  if (options.file) return options.file;
  return std::filesystem::exists(default_file, none) ? std::optional<std::string>{default_file} : std::nullopt;
}

// ------------------------------------------------------------------------------------------------ a recent request

/// What those who were asked said; the first one that knows the id ends it.
struct search {
  bool reached = false;
  std::string trouble{};
};

bool ask_one(const std::string& address, const explain_options& options, const std::string& token, search& so_far) {
  const admin_answer got = ask_admin(address, "/decisions/" + options.id,
                                     options.json ? "application/json" : "text/plain", token);
  switch (got.status) {
    case 200: fmt::print("{}{}", shown(got.content), options.json ? "\n" : ""); return true;
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
  return o.method || o.path || o.host || o.from || !o.headers.empty();
}

int explain_described(const explain_options& options) {
  // Without a file the rules are the defaults; what is behind them does not matter.
  run_options asked{.file = file_of(options)};
  if (!asked.file) asked.to = {"http://127.0.0.1"};
  const loaded_config settings = load_settings(asked);
  if (settings.report.errors() > 0) return refuse_settings(settings.report);
  const auto decided = decide_request(settings.config, options);
  if (!decided) {
    for (const config_error& e : decided.error()) fmt::print(stderr, "gatehouse: {}\n", e.message);
    return exit_bad_input;
  }
  fmt::print("{}{}", options.json ? to_json(*decided) : to_words(*decided), options.json ? "\n" : "");
  return exit_ok;
}

}  // namespace

int explain(const explain_options& options) {
  if (options.id.empty() == !describes_request(options)) {
    return fail(exit_bad_input,
                options.id.empty()
                    ? "which request? An id (gatehouse explain 8c02d4), or one that --path, --host, ... describe"
                    : "either the id of a recent request, or --method, --path, --host, ... of one that nobody sent");
  }
  return options.id.empty() ? explain_described(options) : explain_recent(options);
}

}  // namespace gatehouse::program
