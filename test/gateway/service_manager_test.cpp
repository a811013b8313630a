#include "service_manager.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>

#include "played_manager.hpp"

namespace gatehouse::program {
namespace {

void says_everything(const played_manager& systemd) {
  service_manager manager(systemd.name(), milliseconds{1'000});
  EXPECT_EQ(manager.watchdog(), milliseconds{1'000});
  manager.ready("listening on http://127.0.0.1:8080");
  EXPECT_EQ(systemd.heard(), "READY=1\nSTATUS=listening on http://127.0.0.1:8080");
  manager.reloading();
  const std::string reloading = systemd.heard().value_or("");
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  manager.alive();
  EXPECT_EQ(systemd.heard(), "WATCHDOG=1");
  EXPECT_FALSE(manager.is_stopping());
  manager.stopping(milliseconds{10'000});
  EXPECT_EQ(systemd.heard(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=15000000\nSTATUS=ending what was begun");
  EXPECT_TRUE(manager.is_stopping());
  EXPECT_EQ(systemd.heard(), std::nullopt);
}

TEST(service_manager, speaks_to_a_socket_with_a_path) {
  says_everything(played_manager(in_temporary_folder(unique("gatehouse-notify-"))));
}

TEST(service_manager, speaks_to_an_abstract_socket) { says_everything(played_manager(unique("@gatehouse-notify-"))); }

TEST(service_manager, nobody_who_listens_is_no_trouble) {
  const std::string too_long = "/" + std::string(sizeof(sockaddr_un::sun_path), 'x');
  for (const std::string& socket : {std::string{}, std::string{"/nowhere/at/all"}, std::string{"relative"}, too_long}) {
    SCOPED_TRACE(socket);
    service_manager manager(socket, milliseconds{1'000});
    manager.ready("serving");
    manager.reloading();
    manager.alive();
    manager.stopping(milliseconds{0});
    EXPECT_TRUE(manager.is_stopping());
  }
  EXPECT_EQ(service_manager("", milliseconds{1'000}).watchdog(), milliseconds{0});
}

struct environment_case {
  std::string name;
  const char* socket;
  const char* watchdog_usec;
  std::string watchdog_pid;
  milliseconds want;
};

TEST(service_manager, takes_from_the_environment_when_to_be_alive) {
  const std::string me = std::to_string(::getpid());
  const std::array<environment_case, 7> rows{{
      {"no manager", nullptr, "30000000", me, milliseconds{0}},
      {"no watchdog", "@gatehouse", nullptr, "", milliseconds{0}},
      {"ours", "@gatehouse", "30000000", me, milliseconds{30'000}},
      {"of whoever reads it", "@gatehouse", "30000000", "", milliseconds{30'000}},
      {"of another process", "@gatehouse", "30000000", "1", milliseconds{0}},
      {"no number", "@gatehouse", "30s", me, milliseconds{0}},
      {"longer than makes sense", "@gatehouse", "18446744073709551615", me, milliseconds{86'400'000}},
  }};
  for (const environment_case& row : rows) {
    SCOPED_TRACE(row.name);
    const auto set = [](const char* name, const char* value) {
      return value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    };
    set("NOTIFY_SOCKET", row.socket);
    set("WATCHDOG_USEC", row.watchdog_usec);
    set("WATCHDOG_PID", row.watchdog_pid.empty() ? nullptr : row.watchdog_pid.c_str());
    EXPECT_EQ(service_manager::from_environment().watchdog(), row.want);
  }
  for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
}

}  // namespace
}  // namespace gatehouse::program
