// What the values mean: the second of the two steps of load.hpp. Nothing about a rule's values is known here: the rules
// are built, and what they say about their configuration is quoted with the place it was written at.
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>

#include <gatehouse/base/keyed_hash.hpp>
#include <gatehouse/config/admin_address.hpp>
#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/config/units.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/net/tls.hpp>
#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/rules/state_registry.hpp>

namespace gatehouse {
namespace {

std::string element(std::string_view key, std::size_t i) { return std::string{key} + '[' + std::to_string(i) + ']'; }

/// As people are told: "service.notes.upstreams", "route.match".
std::string shown_key(std::string_view key) {
  if (key.ends_with(']') && key.find('.') != std::string_view::npos) key = key.substr(0, key.rfind('['));
  const std::string_view section = key.substr(0, key.find_first_of(".["));
  return kind_of_section(section) == section_kind::named ? std::string{key.substr(0, key.find('['))} : catalog_key(key);
}

/// A bare value as the line of the file, or the flag, that has it; a sentence stays one.
std::string whole_suggestion(const source_position& where, const std::string& key, const std::string& value) {
  if (value.empty() || value.find(' ') != std::string::npos) return value;
  if (where.line == 0 && where.file.starts_with("--")) return where.file + ' ' + value;
  const catalog_entry* const entry = find_entry(catalog_key(key));
  const bool quote = entry == nullptr || (entry->kind != value_kind::count && entry->kind != value_kind::boolean);
  return std::string{name_in_section(catalog_key(key))} + " = " + (quote ? '"' + value + '"' : value);
}

/// The key with the index of its element where it is a list, so that the element's own place is found.
std::string with_index(gateway_config& config, const config_error& e) {
  const catalog_entry* const entry = kind_of_section(section_of(e.key)) == section_kind::once ? find_entry(e.key)
                                                                                              : nullptr;
  const auto* const list = entry == nullptr ? nullptr
                                            : std::get_if<member_of_config<std::vector<std::string>>>(&entry->member);
  if (list == nullptr) return e.key;
  const std::vector<std::string>& all = (*list)(config);
  const auto at = std::ranges::find(all, e.value);
  return at == all.end() ? e.key : element(e.key, static_cast<std::size_t>(at - all.begin()));
}

/// Adds an error of somebody who knows the key but not the file. The message then names key and value by itself.
void add(loaded_config& loaded, config_error e) {
  e.key = with_index(loaded.config, e);
  const catalog_entry* const entry = find_entry(catalog_key(e.key));
  if (entry != nullptr && entry->secret) e.value.clear();
  const source_position where = loaded.sources.find(e.key);
  const std::string key = shown_key(e.key);
  e.suggestion = whole_suggestion(where, key, e.suggestion);
  const bool named = e.message.starts_with(key);
  if (!named) e.message = key + (e.value.empty() ? "" : ' ' + in_quotes(e.value)) + ": " + e.message;
  loaded.report.error(where, std::move(e));
}

/// What was most likely meant by something that is no endpoint.
std::string meant_endpoint(std::string_view text, std::string_view usual_port) {
  for (const std::string_view scheme : {"http://", "https://", "tcp://"}) {
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  }
  text = text.substr(0, text.find('/'));
  const auto colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  const std::string port = colon == std::string_view::npos ? std::string{usual_port} : std::string{text.substr(colon)};
  const std::string address = host == "localhost" ? "127.0.0.1" : host == "*" ? "0.0.0.0" : std::string{host};
  for (const std::string& guess : {address + port, "127.0.0.1" + port}) {
    if (endpoint::parse(guess)) return guess;
  }
  return std::string{"127.0.0.1"}.append(usual_port);
}

/// Addresses under `key`; none may be one of `seen`, which these are added to.
void judge_addresses(loaded_config& loaded, std::string_view key, const std::vector<std::string>& all,
                     std::string_view usual_port, std::vector<endpoint>& seen) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto parsed = endpoint::parse(all[i]);
    if (!parsed) {
      add(loaded, {.key = element(key, i),
                   .value = all[i],
                   .code = "not-an-address",
                   .message = "an address in numbers and a port are needed",
                   .suggestion = meant_endpoint(all[i], usual_port)});
    } else if (parsed->port != 0 && std::ranges::find(seen, *parsed) != seen.end()) {
      add(loaded, {.key = element(key, i),
                   .value = all[i],
                   .code = "duplicate",
                   .message = "this address is listened on already"});
    } else {
      seen.push_back(*parsed);
    }
  }
}

void judge_listen(loaded_config& loaded) {
  if (loaded.config.listen.empty()) {
    add(loaded, {.key = "listen",
                 .code = "empty",
                 .message = "at least one address is needed",
                 .suggestion = "127.0.0.1:8080"});
  }
  std::vector<endpoint> seen;
  judge_addresses(loaded, "listen", loaded.config.listen, ":8080", seen);
  judge_addresses(loaded, "tls.redirect_from", loaded.config.redirect_from, ":80", seen);
  judge_addresses(loaded, "telemetry.listen", loaded.config.telemetry.listen, ":9081", seen);
}

/// spec/browser_hardening.md section 5, behaviour 2: no switch alone shows strangers what went wrong.
void judge_dev_errors(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  if (!c.errors.dev_errors) return;
  for (const std::string& listener : c.listen) {
    const auto parsed = endpoint::parse(listener);
    if (!parsed || parsed->address.is_loopback()) continue;
    add(loaded, {.key = "errors.dev_errors",
                 .value = "true",
                 .code = "dev-errors-off-loopback",
                 .message = "others reach " + listener + " and would read what went wrong here",
                 .suggestion = "false, or listen on 127.0.0.1 only"});
    return;
  }
}

/// first_day.md: "always HTTPS" is the point, so plain HTTP that others can reach has to be asked for by name. A listed
/// proxy in front says that TLS ends there.
void judge_plain_http(loaded_config& loaded) {
  const gateway_config& c = loaded.config;
  if (c.insecure_plain_http || c.tls.is_on() || !c.client_ip.trusted_proxies.empty()) return;
  for (std::size_t i = 0; i < c.listen.size(); ++i) {
    const auto parsed = endpoint::parse(c.listen[i]);
    if (!parsed || parsed->address.is_loopback()) continue;
    loaded.report.error(
        loaded.sources.find(element("listen", i)),
        {.key = element("listen", i),
         .value = c.listen[i],
         .code = "insecure-plain-http",
         .message =
             "listen " + in_quotes(c.listen[i]) +
             " would serve plain HTTP to other machines: everybody on the way reads and changes it. Set "
             "tls.certificate "
             "and tls.key, or name a proxy in front that ends TLS in client_ip.trusted_proxies, or listen on 127.0.0.1",
         .suggestion = "insecure_plain_http = true, only if nobody untrusted is on the way"});
  }
}

/// The content of certificates and keys belongs to what the configuration says: when it changes, it is another one.
void note_file(loaded_config& loaded, const std::string& path) {
  std::string text;
  if (std::ifstream file(path, std::ios::binary); file) text.assign(std::istreambuf_iterator<char>(file), {});
  const std::uint64_t sum = keyed_hash({})(text);  // the text itself may be a secret, and is not kept
  loaded.files.push_back(path);
  loaded.read_text.append(path).append(1, '\0').append(std::to_string(sum)).append(1, '\0');
}

void warn(loaded_config& loaded, config_error e) {
  e.key = with_index(loaded.config, e);
  const source_position where = loaded.sources.find(e.key);
  e.message = shown_key(e.key) + (e.value.empty() ? "" : ' ' + in_quotes(e.value)) + ": " + e.message;
  loaded.report.warning(where, std::move(e));
}

/// A name that is answered and that no client can ask for over TLS.
void judge_certificate_names(loaded_config& loaded, const tls_server& made) {
  const auto check = [&](const std::string& key, const std::string& host) {
    const auto parsed = authority::parse(host);
    if (!parsed) return;  // reported by the host check
    const bool covered = parsed->address ? made.covers(*parsed->address) : made.covers(parsed->host);
    if (!covered) {
      loaded.report.warning(loaded.sources.find(key),
                            {.key = key,
                             .value = host,
                             .code = "host-without-certificate",
                             .message = shown_key(key) + ' ' + in_quotes(host) + ": no certificate is for this name"});
    }
  };
  for (std::size_t i = 0; i < loaded.config.host_check.hosts.size(); ++i) {
    check(element("hosts", i), loaded.config.host_check.hosts[i]);
  }
  for (std::size_t i = 0; i < loaded.config.routes.size(); ++i) {
    for (std::size_t n = 0; n < loaded.config.routes[i].host.size(); ++n) {
      check(element(element("route", i) + ".host", n), loaded.config.routes[i].host[n]);
    }
  }
}

/// The certificates are read and put to use as if it were to run.
void judge_tls(loaded_config& loaded) {
  const tls_config& c = loaded.config.tls;
  // A [tls] that only lacks its certificate must not end in plain HTTP; `certificate = []` says that it is off.
  const bool is_off = !loaded.sources.has("tls") || loaded.sources.has("tls.certificate");
  // Nor may one that demands certificates of clients.
  const bool demands = c.client_certificate != "none" || !c.client_ca.empty();
  if (!c.is_on() && is_off && !demands && loaded.config.redirect_from.empty()) return;
  for (const auto* const list : {&c.certificate, &c.key, &c.client_ca}) {
    for (const std::string& file : *list) note_file(loaded, path_of(c, file));
  }
  config_errors doubts;
  const auto made = tls_server::make(c, std::chrono::system_clock::now(), doubts);
  for (config_error& e : doubts) warn(loaded, std::move(e));
  if (made) return judge_certificate_names(loaded, **made);
  for (config_error e : made.error()) add(loaded, std::move(e));
}

/// Each service's [tls], with its key.
template <typename Visit>
void for_each_upstream_tls(const gateway_config& c, Visit visit) {
  visit(c.proxy.tls, std::string{"proxy.tls"});
  for (const service_config& s : c.services) visit(s.options.tls, "service." + s.name + ".tls");
}

/// That it can be used, services say themselves. Here is what only should be known, and which files are part of it.
void judge_upstream_tls(loaded_config& loaded) {
  for_each_upstream_tls(loaded.config, [&loaded](const tls_client_config& c, const std::string& key) {
    for (const std::string& file : files_of(c)) note_file(loaded, file);
    if (c.certificate.empty()) return;
    config_errors doubts;
    (void)tls_client::make(c, key, std::chrono::system_clock::now(), doubts);
    for (config_error& e : doubts) warn(loaded, std::move(e));
  });
}

/// Who may send the token as a field's value, and cannot guess it.
bool is_token(std::string_view text) noexcept {
  return text.size() >= min_admin_token && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

void judge_admin(loaded_config& loaded) {
  const admin_config& a = loaded.config.admin;
  const auto at = admin_address::parse(a.listen);
  if (!at) {
    add(loaded, {.key = "admin.listen",
                 .value = a.listen,
                 .code = "not-an-address",
                 .message = "an address in numbers and a port, unix:/path, auto or off is needed",
                 .suggestion = a.listen.starts_with("unix:") ? "unix:/run/gatehouse/admin.sock"
                                                             : meant_endpoint(a.listen, ":9080")});
  } else if (!at->is_local() && a.token.empty()) {
    add(loaded, {.key = "admin.listen",
                 .value = a.listen,
                 .code = "admin-token-missing",
                 .message = "other machines reach this address, and nothing asks who they are: admin.token is needed "
                            "there (openssl rand -hex 32 makes one)",
                 .suggestion = "127.0.0.1:" + std::to_string(at->at.port)});
  }
  if (!a.token.empty() && !is_token(a.token)) {
    add(loaded, {.key = "admin.token",
                 .code = "weak-token",
                 .message = "at least " + std::to_string(min_admin_token) +
                            " characters are needed, printable ASCII without spaces (openssl rand -hex 32 makes one)"});
  }
}

/// Everything is built as if it were to run: rules, services and routes say themselves what they cannot be made of.
void judge_routes(loaded_config& loaded) {
  state_registry scratch;
  auto made = gateway_routes::make(loaded.config, scratch, {});
  if (made) return;
  for (config_error& e : made.error()) add(loaded, std::move(e));
}

/// How an upstream would be asked is judged without one, too: `--to` may bring it.
void judge_upstream_options(loaded_config& loaded) {
  if (!loaded.config.upstream.empty()) return;
  const std::string_view any = loaded.config.proxy.tls.is_set() ? "https://127.0.0.1" : "http://127.0.0.1";
  auto made = proxy(any, loaded.config.proxy, "proxy").make();
  if (made) return;
  for (config_error& e : made.error()) add(loaded, std::move(e));
}

/// `origins = []` says that nobody may; a policy that says nothing of origins has forgotten them.
void judge_cors(loaded_config& loaded) {
  const auto judge = [&loaded](const std::optional<cors_config>& policy, const std::string& key) {
    if (!policy || !policy->origins.empty() || policy->upstream_headers == "pass") return;
    if (loaded.sources.has(key + ".origins")) return;
    add(loaded, {.key = key,
                 .code = "missing-origins",
                 .message = "which pages may read the answers? No origin is listed (origins = [] says nobody)",
                 .suggestion = "origins = [\"https://app.example.com\"]"});
  };
  const auto judge_next = [&](const std::optional<cors_config>& policy, const std::string& key,
                              const std::optional<cors_config>& now) {
    judge(policy, key);
    if (!policy || now) return;  // whether `now` is one to compare with, the rule says
    add(loaded, {.key = key,
                 .code = "nothing-to-compare",
                 .message = "there is no policy now that it would take the place of: [cors] with report_only = true "
                            "tries a first one",
                 .suggestion = "[cors] with report_only = true"});
  };
  const gateway_config& c = loaded.config;
  judge(c.cors, "cors");
  judge_next(c.cors_next, "cors_next", c.cors);
  for (std::size_t i = 0; i < c.routes.size(); ++i) {
    const std::string key = "route[" + std::to_string(i) + "].cors";
    judge(c.routes[i].cors, key);
    judge_next(c.routes[i].cors_next, key + "_next", c.routes[i].cors ? c.routes[i].cors : c.cors);
  }
}

void judge_limits(loaded_config& loaded) {
  const limits& l = loaded.config.limits;
  if (l.target_bytes <= l.head_bytes) return;
  // Quoted where it was written: the one that is in the file, if only one is.
  const std::string key = loaded.sources.has("limits.max_target") ? "limits.max_target" : "limits.max_head";
  loaded.report.error(loaded.sources.find(key),
                      {.key = key,
                       .value = size_text(l.target_bytes),
                       .code = "out-of-range",
                       .message = "limits.max_target (" + size_text(l.target_bytes) +
                                  ") is part of the head, so at most limits.max_head (" + size_text(l.head_bytes) + ")",
                       .suggestion = "max_target = \"" + size_text(l.head_bytes) + '"'});
}

}  // namespace

void judge_config(loaded_config& loaded) {
  judge_listen(loaded);
  judge_plain_http(loaded);
  judge_dev_errors(loaded);
  judge_tls(loaded);
  judge_upstream_tls(loaded);
  judge_admin(loaded);
  judge_routes(loaded);
  judge_upstream_options(loaded);
  judge_cors(loaded);
  judge_limits(loaded);
  loaded.report.sort();
}

}  // namespace gatehouse
