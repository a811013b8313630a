#pragma once
// What the tests of HTTP/1 connections share: routes, requests, and a look at what came back.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connection_harness.hpp"

namespace gatehouse::test {

inline std::unique_ptr<handler> answers(std::string text) {
  return std::make_unique<on_call>(content_need{}, [text](call& c) {
    (void)c.response().set(field::content_type, "text/plain; charset=utf-8");
    c.respond(text);
  });
}

inline std::unique_ptr<handler> echoes() {
  return std::make_unique<on_call>(content_need{.what = content_need::kind::buffered},
                                   [](call& c) { c.respond(c.content()); });
}

inline std::shared_ptr<const test_routes> usual_routes() {
  auto routes = std::make_shared<test_routes>();
  routes->add("/hello", answers("hello"), {method::get, method::head});
  routes->add("/echo", echoes());
  return routes;
}

inline std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

inline std::vector<std::string> statuses(const std::string& received) {
  std::vector<std::string> all;
  for (std::size_t at = received.find("HTTP/1.1 "); at != std::string::npos; at = received.find("HTTP/1.1 ", at + 9)) {
    all.push_back(received.substr(at + 9, 3));
  }
  return all;
}

inline const std::string get_hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace gatehouse::test
