#include <gatehouse/server/router.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "route_automaton.hpp"
#include "route_pattern.hpp"

namespace gatehouse {
namespace {

using namespace detail::server;
constexpr std::size_t method_count = 7;  // those of every_method: the first of the enumeration

/// OPTIONS where no route asked for it: which methods there are, and nothing else.
class options_handler final : public handler {
 public:
  void allow(method_set methods) { allow_ = methods.to_string(); }
  void handle(call& c) const noexcept override {
    c.response().status(status::no_content);
    if (!c.response().set(field::allow, allow_)) return c.fail(reason::server_handler_failed);  // never: it is empty
    c.respond({}, response_source::gatehouse);
  }

 private:
  std::string allow_;
};

struct captured {
  std::size_t segment = 0;
  std::string_view name{};
  bool rest = false;
};

/// All routes of one shape.
struct endpoint {
  std::string pattern;
  route_info info;
  pattern_segments segments;  // views into `pattern`
  std::vector<captured> parameters;
  std::array<const handler*, method_count> handlers{};
  const policy* rules = nullptr;
  bool methods_known = true;
  options_handler options;

  [[nodiscard]] const handler* answers(method verb) const noexcept {
    const auto at = static_cast<std::size_t>(verb);
    if (at >= method_count) return nullptr;
    if (handlers[at] != nullptr) return handlers[at];
    if (verb == method::head) return handlers[static_cast<std::size_t>(method::get)];
    return verb == method::options ? &options : nullptr;
  }

  [[nodiscard]] bool takes_everything() const noexcept {
    return std::all_of(handlers.begin(), handlers.end(), [](const handler* h) { return h != nullptr; });
  }

  void capture(std::string_view path, path_parameters& out) const noexcept {
    path_cursor cursor{.left = path.substr(1)};
    std::size_t segment = 0;
    for (const captured& p : parameters) {
      for (; segment < p.segment; ++segment) static_cast<void>(cursor.next());
      const std::string_view rest = cursor.left;
      const std::string_view one = cursor.next();
      ++segment;
      out.all[out.count++] = {.name = p.name, .value = p.rest ? rest : one};
    }
  }
};

bool same_shape(const pattern_segments& a, const pattern_segments& b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const pattern_segment& x, const pattern_segment& y) { return x.same_shape(y); });
}

bool same_names(const pattern_segments& a, const pattern_segments& b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const pattern_segment& x, const pattern_segment& y) { return x.text == y.text; });
}

std::vector<captured> captured_by(const pattern_segments& segments) {
  std::vector<captured> all;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool rest = segments[i].what == pattern_segment::kind::rest;
    if (rest || segments[i].what == pattern_segment::kind::parameter) {
      all.push_back({.segment = i, .name = segments[i].text, .rest = rest});
    }
  }
  return all;
}

void report(config_errors& errors, std::string_view pattern, std::string code, std::string message,
            std::string suggestion) {
  errors.push_back({.key = "routes",
                    .value = std::string{pattern},
                    .code = std::move(code),
                    .message = std::move(message),
                    .suggestion = std::move(suggestion)});
}

}  // namespace

struct router::tables {
  std::vector<std::unique_ptr<endpoint>> endpoints;
  route_automaton automaton;
  endpoint everything;  // OPTIONS *

  void add(const route& r, config_errors& errors);
  endpoint* place_of(const route& r, config_errors& errors);
  void describe();
  void number(route_numbers& numbers);
};

endpoint* router::tables::place_of(const route& r, config_errors& errors) {
  auto made = std::make_unique<endpoint>();
  made->pattern = r.pattern;
  const std::size_t before = errors.size();
  made->segments = parse_pattern(made->pattern, r.subtree, errors);
  if (errors.size() != before) return nullptr;
  for (const auto& other : endpoints) {
    if (!same_shape(other->segments, made->segments)) continue;
    if (same_names(other->segments, made->segments)) return other.get();
    report(errors, r.pattern, "conflicting-parameters",
           "\"" + r.pattern + "\" and \"" + other->pattern + "\" are the same path with other parameter names.",
           "the same names in both");
    return nullptr;
  }
  made->parameters = captured_by(made->segments);
  made->info.pattern = r.subtree ? (r.pattern == "/" ? "/*" : r.pattern + "/*") : r.pattern;
  return endpoints.emplace_back(std::move(made)).get();
}

void router::tables::add(const route& r, config_errors& errors) {
  endpoint* const place = place_of(r, errors);
  if (place == nullptr) return;
  if (place->info.methods.empty()) {
    place->rules = r.rules;
  } else if (place->rules != r.rules) {
    report(errors, r.pattern, "conflicting-policies",
           "\"" + r.pattern + "\" has two policies: which one holds can not depend on the method.",
           "the same for both");
  }
  place->methods_known = place->methods_known && !r.methods.empty();
  const method_set methods = r.methods.empty() ? every_method : r.methods;
  method_set twice;
  for (std::size_t i = 0; i < method_count; ++i) {
    const auto m = static_cast<method>(i);
    if (!methods.contains(m)) continue;
    if (place->handlers[i] != nullptr) {
      twice.insert(m);
    } else {
      place->handlers[i] = r.answers;
      place->info.methods.insert(m);
    }
  }
  if (!twice.empty()) {
    report(errors, r.pattern, "duplicate-route",
           "\"" + r.pattern + "\" and \"" + place->pattern + "\" both answer " + twice.to_string() + ".",
           "one of them");
  }
  place->info.body_bytes = std::max(place->info.body_bytes, r.body_bytes);
}

void router::tables::describe() {
  everything.info.pattern = "*";
  for (const auto& e : endpoints) {
    if (e->info.methods.contains(method::get)) e->info.methods.insert(method::head);
    e->info.methods.insert(method::options);
    everything.info.methods.insert(e->info.methods);
    e->options.allow(e->info.methods);
    // Of what takes every method, only who is mounted knows what it answers.
    const bool subtree = e->segments.back().what == pattern_segment::kind::subtree;
    if (!e->methods_known || (subtree && e->takes_everything())) e->info.methods = {};
  }
  everything.info.methods.insert(method::options);
  everything.options.allow(everything.info.methods);
}

void router::tables::number(route_numbers& numbers) {
  everything.info.number = numbers.number_of(everything.info.pattern);
  for (const auto& e : endpoints) e->info.number = numbers.number_of(e->info.pattern);
}

result<router, config_errors> router::make(const std::vector<route>& routes, route_numbers* numbers) {
  auto made = std::make_unique<tables>();
  config_errors errors;
  for (const route& r : routes) made->add(r, errors);
  std::vector<pattern_segments> patterns;
  patterns.reserve(made->endpoints.size());
  for (const auto& e : made->endpoints) patterns.push_back(e->segments);
  auto automaton = route_automaton::make(patterns);
  if (!automaton) {
    report(errors, "", "too-many-routes", "literals and parameters in the same places combine in too many ways.",
           "literal segments before parameters");
  }
  if (!errors.empty()) return failure{std::move(errors)};
  made->automaton = *std::move(automaton);
  made->describe();
  if (numbers != nullptr) made->number(*numbers);
  return router{std::move(made)};
}

router::match router::find(std::string_view path, method verb, path_parameters& parameters) const noexcept {
  parameters.count = 0;
  if (path == "*") {
    return {.route = &tables_->everything.info, .answers = tables_->everything.answers(verb)};
  }
  if (!path.starts_with('/')) return {};
  const std::int32_t at = tables_->automaton.find(path);
  if (at == route_automaton::none) return {};
  const endpoint& e = *tables_->endpoints[static_cast<std::size_t>(at)];
  e.capture(path, parameters);
  return {.route = &e.info, .answers = e.answers(verb), .rules = e.rules};
}

router::router(std::unique_ptr<const tables> t) noexcept : tables_(std::move(t)) {}
router::router(router&&) noexcept = default;
router& router::operator=(router&&) noexcept = default;
router::~router() = default;

std::vector<std::string_view> parameter_names(std::string_view pattern) {
  std::vector<std::string_view> names;
  config_errors errors;
  const pattern_segments segments = parse_pattern(pattern, false, errors);
  if (!errors.empty()) return names;
  for (const captured& p : captured_by(segments)) names.push_back(p.name);
  return names;
}

}  // namespace gatehouse
