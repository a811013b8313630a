#pragma once
// What the snippets of docs/library.md take for granted.

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gatehouse/async.hpp>
#include <gatehouse/gatehouse.hpp>
#include <gatehouse/http/structured_field.hpp>
#include <gatehouse/json.hpp>

namespace gh = gatehouse;
using namespace std::chrono_literals;

struct user {
  std::string name;
};
struct title_taken : std::exception {};
std::string store(std::string_view text);
std::shared_ptr<user> user_of(std::string_view token);
boost::asio::awaitable<bool> is_known(std::string_view token);
struct row_cursor {
  bool next(std::string& line);
};
row_cursor rows_of(const std::string& table);
/// Who listens to news.
struct hub {
  std::mutex mutex;
  std::vector<gh::event_writer> writers;
};
extern hub listeners;
