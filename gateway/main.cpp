#include "command_line.hpp"

int main(int count, char** arguments) { return gatehouse::program::run_command_line(count, arguments); }
