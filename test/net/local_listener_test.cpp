#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "net_fixture.hpp"

namespace gatehouse::net_test {
namespace {

using detail::net::local_address;
using detail::net::open_local_socket;

/// A folder of this test's own.
class local_door : public net_test {
 protected:
  local_door() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    path = folder / "admin.sock";
  }
  ~local_door() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] int error_of(const std::string& at_path) const {
    const auto made = events->listen_local(at_path);
    return made ? 0 : made.error();
  }
  [[nodiscard]] static unique_fd connect_to(const std::string& at_path) {
    unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto to = local_address::make(at_path);
    return ::connect(fd.get(), to->data(), to->length()) == 0 ? std::move(fd) : unique_fd();
  }
  /// What a process leaves behind that was killed.
  void leave_one_behind() const {
    const unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto to = local_address::make(path.string());
    ASSERT_EQ(::bind(fd.get(), to->data(), to->length()), 0);
  }
  [[nodiscard]] mode_t mode_of(const std::filesystem::path& p) const {
    struct stat s{};
    EXPECT_EQ(::lstat(p.c_str(), &s), 0);
    return s.st_mode & 07777U;
  }

  std::filesystem::path folder;
  std::filesystem::path path;
};

TEST_F(local_door, accepts_and_its_peers_have_no_address) {
  const auto made = events->listen_local(path);
  ASSERT_TRUE(made.has_value()) << made.error();
  EXPECT_EQ((*made)->local(), endpoint{});
  (*made)->start(accepted);
  const unique_fd far = connect_to(path);
  ASSERT_TRUE(until([&] { return accepted.connections.size() == 1; }));
  EXPECT_EQ(accepted.peers[0], endpoint{});
  recorder near;
  near.take(std::move(accepted.connections[0]));
  near.receive();
  send_all(far.get(), "greeting");
  EXPECT_TRUE(until([&] { return near.received == "greeting"; }));
  EXPECT_EQ(near.send("answer").sent, 6U);
  EXPECT_EQ(receive_text(far.get(), 6), "answer");
}

TEST_F(local_door, only_this_user_may_connect) {
  const mode_t before = ::umask(0);
  const auto made = events->listen_local(path);
  ::umask(before);
  ASSERT_TRUE(made.has_value()) << made.error();
  EXPECT_EQ(mode_of(path), 0600U);
}

TEST_F(local_door, its_file_goes_with_it) {
  auto made = events->listen_local(path);
  ASSERT_TRUE(made.has_value());
  (*made)->close();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(error_of(path), 0);
  EXPECT_FALSE(std::filesystem::exists(path)) << "destroyed, not closed";
}

TEST_F(local_door, a_file_that_is_another_one_by_then_stays) {
  auto made = events->listen_local(path);
  ASSERT_TRUE(made.has_value());
  std::filesystem::rename(path, folder / "moved.sock");
  std::ofstream(path) << "somebody else's";
  made->reset();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(local_door, one_that_was_left_behind_is_replaced) {
  leave_one_behind();
  const auto made = events->listen_local(path);
  ASSERT_TRUE(made.has_value()) << made.error();
  EXPECT_TRUE(connect_to(path));
}

TEST_F(local_door, one_that_listens_is_left_alone) {
  const auto first = events->listen_local(path);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(error_of(path), EADDRINUSE);
  EXPECT_TRUE(connect_to(path));
}

TEST_F(local_door, what_is_no_socket_is_left_alone) {
  std::ofstream(path) << "precious";
  EXPECT_EQ(error_of(path), EEXIST);
  std::filesystem::remove(path);
  std::filesystem::create_symlink(folder / "elsewhere.sock", path);
  EXPECT_EQ(error_of(path), EEXIST);
  EXPECT_TRUE(std::filesystem::is_symlink(path));
}

TEST_F(local_door, a_folder_that_others_may_write_to_is_refused_unless_it_is_sticky) {
  ASSERT_EQ(::chmod(folder.c_str(), 0777), 0);
  EXPECT_EQ(error_of(path), EPERM);
  ASSERT_EQ(::chmod(folder.c_str(), 0770), 0);
  EXPECT_EQ(error_of(path), EPERM);
  ASSERT_EQ(::chmod(folder.c_str(), 01777), 0);
  EXPECT_EQ(error_of(path), 0);
}

TEST_F(local_door, paths_that_cannot_be) {
  EXPECT_EQ(error_of(folder / "none" / "admin.sock"), ENOENT);
  EXPECT_EQ(error_of((folder / std::string(200, 'a')).string()), ENAMETOOLONG);
  EXPECT_EQ(error_of(path.string() + std::string(1, '\0') + "x"), ENAMETOOLONG);
  EXPECT_EQ(error_of(""), ENAMETOOLONG);
}

}  // namespace
}  // namespace gatehouse::net_test
