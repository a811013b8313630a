#include "project_template.hpp"

#include <string_view>

namespace gatehouse::program {
namespace {

// "@NAME@" and "@VERSION@" are replaced.

constexpr std::string_view cmake_lists = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_package(gatehouse @VERSION@ REQUIRED)

# The routes are a library of their own, so that the tests can call them.
add_library(@NAME@_routes STATIC routes.cpp)
target_link_libraries(@NAME@_routes PUBLIC gatehouse::gatehouse)

add_executable(@NAME@ main.cpp)
target_link_libraries(@NAME@ PRIVATE @NAME@_routes)

enable_testing()
add_executable(@NAME@_test routes_test.cpp)
target_link_libraries(@NAME@_test PRIVATE @NAME@_routes)
add_test(NAME routes COMMAND @NAME@_test)
)";

constexpr std::string_view main_cpp = R"(#include "routes.hpp"

int main() {
  gatehouse::app app;  // strict HTTP, limits, deadlines, security headers, safe errors: on
  add_routes(app);
  return app.listen({.port = 5000, .log = gatehouse::log_to_stderr()});  // 127.0.0.1 unless told otherwise
}
)";

constexpr std::string_view routes_hpp = R"(#pragma once

#include <gatehouse/gatehouse.hpp>

void add_routes(gatehouse::app& app);
)";

constexpr std::string_view routes_cpp = R"file(#include "routes.hpp"

#include <cstdint>
#include <string>

namespace gh = gatehouse;

void add_routes(gh::app& app) {
  app.get("/health", [] { return "ok"; });
  app.get("/notes/:id", [](gh::path<"id", std::int64_t> id) -> gh::result<gh::response, gh::http_error> {
    if (*id != 1) return gh::failure{gh::http_error{gh::status::not_found, "there is no such note"}};
    return gh::response{gh::json_text{R"({"id": 1, "title": "milk"})"}};
  });
  // gh::blocking: on a thread pool, as whatever waits must be, a database for example.
  app.post("/notes", gh::blocking([](gh::body_text title) { return gh::created("/notes/1", std::string{*title}); }));
}
)file";

constexpr std::string_view routes_test_cpp =
    R"(// Calls the routes without a socket: the same parser, rules and handlers as when the program listens.
#include "routes.hpp"

#include <cstdio>

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "not so: %s\n", what);
}

}  // namespace

int main() {
  gatehouse::app app;
  add_routes(app);
  expect(app.check().empty(), "the app has no mistakes");

  gatehouse::test_client client(app);
  expect(client.get("/health").body == "ok", "/health says ok");
  expect(client.get("/notes/1").header("Content-Type") == "application/json", "a note is JSON");
  expect(client.get("/notes/2").status == 404, "an unknown note is 404");
  expect(client.get("/notes/milk").status == 400, "an id that is no number is 400");
  expect(client.post("/notes", "milk", {{"Content-Type", "text/plain"}}).status == 201, "a new note is 201");
  return failures == 0 ? 0 : 1;
}
)";

constexpr std::string_view readme = R"(# @NAME@

An HTTP API in C++, with Gatehouse.

```sh
cmake -B build && cmake --build build     # finds Gatehouse where it is installed; elsewhere: -DCMAKE_PREFIX_PATH=...
ctest --test-dir build                    # routes_test.cpp
build/@NAME@                              # listens on http://127.0.0.1:5000
curl -i http://127.0.0.1:5000/notes/1
```

`routes.cpp` has the routes, `routes_test.cpp` their tests, `main.cpp` where it listens.
)";

constexpr std::string_view gitignore = "/build/\n";

std::string filled(std::string_view text, std::string_view name) {
  constexpr std::string_view version = GATEHOUSE_VERSION;
  const std::string_view minor = version.substr(0, version.rfind('.'));  // the package's promise: same minor version
  std::string out{text};
  const auto replace = [&](std::string_view mark, std::string_view with) {
    for (std::size_t at = 0; (at = out.find(mark, at)) != std::string::npos; at += with.size()) {
      out.replace(at, mark.size(), with);
    }
  };
  replace("@NAME@", name);
  replace("@VERSION@", minor);
  return out;
}

}  // namespace

std::vector<project_file> project_files(const std::string& name) {
  return {{"CMakeLists.txt", filled(cmake_lists, name)},
          {"main.cpp", filled(main_cpp, name)},
          {"routes.hpp", filled(routes_hpp, name)},
          {"routes.cpp", filled(routes_cpp, name)},
          {"routes_test.cpp", filled(routes_test_cpp, name)},
          {"README.md", filled(readme, name)},
          {".gitignore", filled(gitignore, name)}};
}

}  // namespace gatehouse::program
