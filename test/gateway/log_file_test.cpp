#include "log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

class log_files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const log_file& to, std::string_view text) {
    EXPECT_EQ(::write(to.descriptor(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::filesystem::path folder_;
};

TEST_F(log_files, without_a_path_it_is_standard_error) {
  const log_file none("");
  EXPECT_EQ(none.descriptor(), STDERR_FILENO);
  EXPECT_EQ(none.problem(), "");
}

TEST_F(log_files, is_made_for_its_owner_and_group_and_appended_to) {
  const ::mode_t before = ::umask(0);
  const std::string path = folder_ / "a.log";
  {
    const log_file file(path);
    write(file, "one\n");
  }
  const log_file file(path);
  ::umask(before);
  write(file, "two\n");
  EXPECT_EQ(text_of(path), "one\ntwo\n");
  struct ::stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
  EXPECT_NE(::fcntl(file.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(log_files, goes_on_in_a_new_file_when_it_is_opened_again) {
  const std::string path = folder_ / "a.log";
  log_file file(path);
  const int descriptor = file.descriptor();
  write(file, "one\n");
  std::filesystem::rename(path, folder_ / "a.log.1");
  write(file, "two\n");
  EXPECT_EQ(file.reopen(), "");
  EXPECT_EQ(file.descriptor(), descriptor);
  write(file, "three\n");
  EXPECT_EQ(text_of(folder_ / "a.log.1"), "one\ntwo\n");
  EXPECT_EQ(text_of(path), "three\n");
  EXPECT_NE(::fcntl(file.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(log_files, keeps_the_old_one_when_that_fails) {
  const std::filesystem::path folder = folder_ / "logs";
  std::filesystem::create_directory(folder);
  const std::string path = folder / "a.log";
  log_file file(path);
  std::filesystem::rename(folder, folder_ / "moved");
  EXPECT_NE(file.reopen(), "");
  write(file, "one\n");
  EXPECT_EQ(text_of(folder_ / "moved" / "a.log"), "one\n");
}

TEST_F(log_files, refuses_what_is_no_file_and_waits_for_nothing) {
  EXPECT_NE(log_file(folder_).problem(), "");
  EXPECT_NE(log_file(folder_ / "none" / "a.log").problem(), "");
  EXPECT_NE(log_file("/dev/null").problem(), "");
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(log_file(pipe).problem(), "");
}

}  // namespace
}  // namespace gatehouse::program
