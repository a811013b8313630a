#include "settings.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "development_tls.hpp"

namespace gatehouse::program {
namespace {

constexpr const char* default_file = "gatehouse.toml";

loaded_config load_file(const run_options& options) {
  if (options.file) return read_config_file(*options.file, environment_variable);
  // Only when nothing was said: a --to in a folder that happens to have such a file must not change its meaning.
  std::error_code ignored;
  if (options.to.empty() && std::filesystem::exists(default_file, ignored))
    return read_config_file(default_file, environment_variable);
  return default_config("the command line");
}

/// [cors] of the flags, over that of the file.
void allow_by_flags(loaded_config& loaded, const run_options& options) {
  const bool says_origins = options.allow_any_origin || !options.allow_origin.empty();
  if (!says_origins && !options.allow_credentials && options.allow_method.empty() && options.allow_header.empty())
    return;
  std::optional<cors_config>& cors = loaded.config.cors;
  if (!cors) {
    cors.emplace();
    loaded.sources.replace("cors", {.file = says_origins ? "--allow-origin" : "the command line"});
  }
  if (says_origins) {
    cors->origins = options.allow_origin;
    if (options.allow_any_origin) cors->origins.insert(cors->origins.begin(), "*");
    loaded.sources.replace("cors.origins",
                           {.file = options.allow_origin.empty() ? "--allow-any-origin" : "--allow-origin"});
  }
  if (options.allow_credentials) {
    cors->credentials = true;
    loaded.sources.replace("cors.credentials", {.file = "--allow-credentials"});
  }
  if (!options.allow_method.empty()) {
    cors->methods = options.allow_method;
    loaded.sources.replace("cors.methods", {.file = "--allow-method"});
  }
  for (const std::string& name : options.allow_header) {
    loaded.sources.replace("cors.request_headers[" + std::to_string(cors->request_headers.size()) + ']',
                           {.file = "--allow-header"});
    cors->request_headers.push_back(name);
  }
}

}  // namespace

std::string use_development_tls(loaded_config& loaded) {
  const auto made = development_tls();
  if (!made) {
    config_error e = made.error();
    e.key = "tls";
    loaded.report.error({.file = "--dev-tls"}, std::move(e));
    return {};
  }
  // The rest of [tls] stays: a client that has to show a certificate has to do so here, too.
  loaded.config.tls.certificate = {made->certificate};
  loaded.config.tls.key = {made->key};
  for (const char* const key : {"tls.certificate", "tls.key"}) loaded.sources.replace(key, {.file = "--dev-tls"});
  return made->authority;
}

namespace {

std::string counted(std::size_t n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

}  // namespace

const char* environment_variable(const char* name) { return std::getenv(name); }

loaded_config load_settings(const run_options& options) {
  loaded_config loaded = load_file(options);
  if (!loaded.parsed) return loaded;
  if (!options.to.empty()) {
    loaded.config.upstream = options.to;
    loaded.sources.replace("upstream", {.file = "--to"});
  }
  if (!options.listen.empty()) {
    loaded.config.listen = options.listen;
    loaded.sources.replace("listen", {.file = "--listen"});
  }
  allow_by_flags(loaded, options);
  if (options.dev_tls) (void)use_development_tls(loaded);
  judge_config(loaded);
  lint_config(loaded);
  std::erase_if(loaded.report.problems, [&loaded](const config_problem& p) {
    // That nobody has said the methods is for `check`: who started with flags alone has no file to say them in.
    const bool of_flags = p.what.code == "cors-c09" && loaded.files.empty();
    return p.what.code == "no-upstream" || of_flags;
  });
  const bool said_something = !options.to.empty() || loaded.sources.has("upstream");
  if (loaded.config.upstream.empty() && loaded.config.routes.empty() &&
      (!said_something || loaded.report.errors() == 0)) {
    loaded.report.error(
        {.file = loaded.sources.file()},
        {.key = "upstream",
         .code = "no-upstream",
         .message = "what should be protected? No upstream is set",
         .suggestion = "--to http://localhost:5000, or upstream = \"http://localhost:5000\" in a gatehouse.toml"});
  }
  return loaded;
}

void print_problems(const config_report& report) {
  for (const config_problem& p : report.problems) fmt::print(stderr, "{}\n", to_text(p));
  std::string summary;
  if (report.errors() > 0) summary = counted(report.errors(), "error");
  if (report.warnings() > 0) summary += (summary.empty() ? "" : ", ") + counted(report.warnings(), "warning");
  if (!summary.empty()) fmt::print(stderr, "{}\n", summary);
}

int refuse_settings(const config_report& report) {
  print_problems(report);
  return exit_bad_input;
}

}  // namespace gatehouse::program
