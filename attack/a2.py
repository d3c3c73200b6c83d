from lib import *
# Q1 with assigner -> detect accuses
d=box('a2')
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái']
csv(d+'/a.csv',[H,[1,'Báo cáo kết quả chuyển đổi số','UBND tỉnh','Sở Tài chính','28/10/2026','Đang thực hiện']]); mt(d+'/a.csv','2026-11-02 08:00')
run(d,'import','a.csv',show=0)
csv(d+'/b.csv',[H,[1,'Báo cáo kết quả chuyển đổi số','UBND tỉnh','Sở Tài chính','28/10/2026','Đã hoàn thành']]); mt(d+'/b.csv','2026-11-20 08:00')
run(d,'import','b.csv',show=0)
run(d,'detect')
print(q(d,"select rule,subject_id,agency,state from finding"))
