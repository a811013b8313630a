// The library's half of end_to_end/express_oracle.test.mjs: the same routes as fixtures/oracle.mjs, written as its
// documentation says. Usage: express_oracle PORT FOLDER
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include <gatehouse/gatehouse.hpp>

namespace gh = gatehouse;

namespace {

void add_routing(gh::app& app) {
  app.get("/", [] { return "root"; });
  app.get("/literal", [] { return "literal"; });
  app.get("/Upper", [] { return "upper"; });
  app.get("/slash/", [] { return "slash"; });
  app.get("/dash-and.dot_~", [] { return "unreserved"; });
  app.get("/notes/new", [] { return "new"; });
  app.get("/notes/:id", [](gh::path<"id"> id) { return "note " + *id; });
  app.put("/notes/:id", [](gh::path<"id"> id) { return "put " + *id; });
  app.patch("/notes/:id", [](gh::path<"id"> id) { return "patch " + *id; });
  app.del("/notes/:id", [](gh::path<"id">) {});
  app.post("/notes", [] { return gh::created("/notes/1", "made"); });
  app.get("/users/:user/notes/:note", [](gh::path<"user"> user, gh::path<"note"> note) { return *user + " " + *note; });
  app.get("/rest/*rest", [](gh::path<"rest"> rest) { return "rest " + *rest; });
  app.any("/any", [](const gh::request& r) { return std::string{to_string(r.method())}; });
  app.get("/mixed/:a/x", [](gh::path<"a"> a) { return "mixed " + *a; });
  app.get("/mixed/y/:b", [](gh::path<"b"> b) { return "literal first " + *b; });
  auto api = app.group("/api");
  api.get("", [] { return "api"; });
  api.get("/items", [] { return "items"; });
  api.get("/items/:id", [](gh::path<"id"> id) { return "item " + *id; });
  auto guarded = app.group("/guarded");
  guarded.use([](const gh::request& r, gh::next next) -> gh::answer_or_next {
    if (r.header("x-key") != "open") return gh::plain_text("no key").status(gh::status::unauthorized);
    return next([](gh::outgoing& out) { out.header("X-Guarded", "yes"); });
  });
  guarded.get("/door", [] { return "inside"; });
}

void add_answers(gh::app& app) {
  app.get("/query", [](gh::query<"q", std::optional<std::string>> q) { return "q=" + q->value_or("none"); });
  app.get("/json", [] { return gh::json_text{R"({"a":[1,"two",null]})"}; });
  app.get("/html", [] { return gh::html{"<b>hi</b>"}; });
  app.get("/utf8", [] {
    return "Gr\xc3\xbc\xc3\x9f"
           "e";
  });
  app.get("/empty", [] { return ""; });
  app.get("/nothing", [] {});
  app.get("/accepted", [] { return gh::plain_text("later").status(gh::status::accepted); });
  app.get("/gone", [] { return gh::plain_text("gone").status(gh::status::gone); });
  app.get("/teapot", [] { return gh::plain_text("short and stout").status(gh::status{418}); });
  app.get("/redirect", [] { return gh::redirect("/literal"); });
  app.get("/redirect/301", [] { return gh::redirect("/literal", {.status = gh::status::moved_permanently}); });
  app.get("/redirect/303", [] { return gh::redirect("/literal", {.status = gh::status::see_other}); });
  app.get("/redirect/308", [] { return gh::redirect("/literal?a=b", {.status = gh::status::permanent_redirect}); });
  app.get("/headers", [] {
    return gh::plain_text("headers")
        .header("X-One", "1")
        .append("X-Many", "a")
        .append("X-Many", "b")
        .header("X-Empty", "");
  });
  app.get("/echo-header", [](const gh::request& r) { return std::string{r.header("x-echo").value_or("none")}; });
  app.get("/injected", [](gh::query<"v"> v) { return gh::plain_text("x").header("X-Value", *v); });
  app.get("/throws", []() -> std::string { throw std::runtime_error("secret"); });
  app.post("/echo", [](gh::limited_body_text<64> text) { return *text; });
  app.get("/validated", [] { return gh::plain_text("validated").header("ETag", "\"v1\""); });
  app.get("/host", [](const gh::request& r) { return std::string{r.host()}; });
  app.get("/stream", [] {
    return gh::streaming("text/plain; charset=utf-8", [n = 0](std::string& piece) mutable {
      piece = std::to_string(n) + "\n";
      return ++n < 3;
    });
  });
}

std::string lines() {
  std::string out;
  for (int i = 0; i < 400; ++i) out += "a line of text\n";
  return out;
}

void add_compressed(gh::app& app) {
  auto compressed = app.group("/compressed");
  compressed.use(gh::compression());
  compressed.get("/text", [] { return lines(); });
  compressed.get("/json", [] {
    std::string escaped;
    for (int i = 0; i < 400; ++i) escaped += "a line of text\\n";
    return gh::json_text{R"({"lines":")" + escaped + R"("})"};
  });
  compressed.get("/small", [] { return "small"; });
  compressed.get("/picture", [] { return gh::plain_text(lines()).type("image/png"); });
  compressed.get("/no-transform", [] { return gh::plain_text(lines()).header("Cache-Control", "no-transform"); });
  compressed.get("/encoded", [] { return gh::plain_text(lines()).header("Content-Encoding", "made-up"); });
  compressed.get("/cookie", [] { return gh::plain_text(lines()).append("Set-Cookie", "sid=1"); });
  compressed.get("/tagged", [] { return gh::plain_text(lines()).header("ETag", "\"v1\""); });
  compressed.get("/varies", [] { return gh::plain_text(lines()).header("Vary", "Accept, Accept-Encoding"); });
  compressed.get("/nothing", [] {});
  compressed.get("/stream", [] {
    return gh::streaming("text/plain; charset=utf-8", [n = 0](std::string& piece) mutable {
      piece = std::to_string(n) + "\n";
      return ++n < 3;
    });
  });
}

struct title_taken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void add_errors(gh::app& app) {
  app.get("/taken", []() -> std::string { throw title_taken("milk"); });
  app.get("/taken/later", gh::blocking([]() -> std::string { throw title_taken("milk"); }));
  app.on_error([](const gh::request_error& e, const gh::request& r, gh::next next) -> gh::answer_or_next {
    if (e.why == gh::reason::http_not_found && r.path().substr(0, 6) == "/shop/") {
      return gh::plain_text("no such thing").status(e.status);
    }
    return next();
  });
  app.on_error([](const gh::request_error& e, const gh::request&, gh::next next) -> gh::answer_or_next {
    if (const auto* const taken = e.thrown<title_taken>()) {
      return gh::plain_text(std::string{taken->what()} + " is taken").status(gh::status::conflict).header("X-One", "1");
    }
    if (e.why == gh::reason::limit_body_too_large) return gh::plain_text("too much").status(e.status);
    return next();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  gh::app app;
  app.report_to([](const gh::handler_failure&) {});
  app.use(
      [](const gh::request&, gh::next next) { return next([](gh::outgoing& out) { out.header("X-Before", "yes"); }); });
  add_routing(app);
  add_answers(app);
  add_compressed(app);
  add_errors(app);
  app.files("/static", argv[2]);
  return app.listen({.port = static_cast<std::uint16_t>(std::atoi(argv[1])), .threads = 1});
}
